// An edit of servers.json while the gateway runs.
import { writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMicroseconds } from './process-figures.mjs';
import { serversOf, startGateway, upstream } from './programs.mjs';
import { firstList } from './starts.mjs';
import { mediansOf } from './statistics.mjs';

/** An edit of one of `count` servers: time until the new one has answered, and the gateway's CPU, in ms. */
export async function measureReload(count, repeats) {
  const servers = serversOf(count, count * 10);
  const gateway = await startGateway(servers);
  await firstList(gateway, count * 10);
  const records = [];
  for (let i = 0; i < repeats; i += 1) {
    const before = await stateOf(gateway, 's1');
    const cpu = cpuMicroseconds(gateway.child.pid);
    const started = performance.now();
    servers.s1 = { ...servers.s1, args: [upstream, '10', `edit-${i}`] };
    writeFileSync(gateway.file, JSON.stringify({ servers }));
    for (;;) {
      const now = await stateOf(gateway, 's1');
      if (now.state === 'ready' && now.pid !== before.pid) break;
      await delay(10);
    }
    records.push({
      ms: performance.now() - started,
      cpu: (cpuMicroseconds(gateway.child.pid) - cpu) / 1000,
    });
  }
  await gateway.stop();
  return mediansOf(records);
}

async function stateOf({ url, headers }, name) {
  const response = await fetch(new URL('/api/servers', url), { headers });
  const { servers } = await response.json();
  return servers.find((server) => server.name === name);
}
