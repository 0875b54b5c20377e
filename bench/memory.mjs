// What the gateway keeps when nothing runs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { residentMegabytes } from './process-figures.mjs';
import { serversOf, startGateway } from './programs.mjs';
import { firstList } from './starts.mjs';

/**
 * Memory of bare Node, and of the gateway with `count` servers configured and none started, in MB. What the servers offer is
 * known from an earlier run.
 */
export async function measureMemory(count) {
  const servers = serversOf(count, count, { start: 'on-first-use' });
  const earlier = await startGateway(servers);
  await firstList(earlier, count);
  await delay(1000);
  await earlier.stop({ keep: true });
  const bare = spawn(process.execPath, ['-e', "require('http').createServer().listen(0)"], {
    stdio: 'ignore',
  });
  const gateway = await startGateway(servers, { folder: earlier.folder });
  await firstList(gateway, count);
  await delay(2000);
  const figures = { bare: residentMegabytes(bare.pid), gateway: residentMegabytes(gateway.child.pid) };
  const exit = once(bare, 'exit');
  bare.kill();
  await exit;
  await gateway.stop();
  return figures;
}
