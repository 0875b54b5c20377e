// What the gateway takes to start, to list and to reload, with servers of the benchmark behind it.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, messageIn, openSession } from './connection.mjs';
import { cpuMicroseconds, residentMegabytes } from './process-figures.mjs';
import { median } from './statistics.mjs';
import { startGateway, upstream } from './subjects.mjs';

const listMessage = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });

/** `count` servers with `tools` tools in all; each also has `echo`. `start` as in servers.json. */
function serversOf(count, tools, start) {
  const each = Math.max(0, Math.round(tools / count) - 1);
  const entry = { command: process.execPath, args: [upstream, String(each)], ...(start ? { start } : {}) };
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`s${i + 1}`, entry]));
}

/** The first list of a new session, in ms, and how many tools it has. */
async function firstList({ url, headers }) {
  const started = performance.now();
  const session = await openSession(url, headers);
  const connection = new Connection(url);
  const { result } = messageIn((await connection.post(session, listMessage)).body);
  connection.close();
  return { ms: performance.now() - started, tools: result.tools.length, session };
}

/** Start-up and first list, cold with nothing known and cold with the catalogue of the run before. */
export async function measureStart(count, tools, repeats) {
  const records = [];
  for (let i = 0; i < repeats; i += 1) {
    const servers = serversOf(count, tools);
    const without = await startAndList(servers);
    await without.gateway.stop({ keep: true });
    const again = await startAndList(servers, without.gateway.folder);
    await again.gateway.stop();
    records.push({
      listening: without.listening,
      without: without.list.ms,
      cached: again.list.ms,
      tools: again.list.tools,
    });
  }
  return mediansOf(records);
}

async function startAndList(servers, folder) {
  const before = performance.now();
  const gateway = await startGateway(servers, folder === undefined ? {} : { folder });
  const listening = performance.now() - before;
  return { gateway, listening, list: await firstList(gateway) };
}

/** A warm list of one session, in ms. */
export async function measureList(tools, repeats) {
  const gateway = await startGateway(serversOf(1, tools));
  const { session, tools: count } = await firstList(gateway);
  const connection = new Connection(gateway.url);
  const times = [];
  for (let i = 0; i < repeats; i += 1) {
    const before = performance.now();
    await connection.post(session, listMessage);
    times.push(performance.now() - before);
  }
  connection.close();
  await gateway.stop();
  return { tools: count, ms: median(times) };
}

/**
 * Memory of bare Node, and of the gateway with `count` servers configured and none started, in MB. What the servers offer is
 * known from an earlier run.
 */
export async function measureMemory(count) {
  const servers = serversOf(count, count, 'on-first-use');
  const earlier = await startGateway(servers);
  await firstList(earlier);
  await delay(1000);
  await earlier.stop({ keep: true });
  const bare = spawn(process.execPath, ['-e', "require('http').createServer().listen(0)"], {
    stdio: 'ignore',
  });
  const gateway = await startGateway(servers, { folder: earlier.folder });
  await firstList(gateway);
  await delay(2000);
  const figures = { bare: residentMegabytes(bare.pid), gateway: residentMegabytes(gateway.child.pid) };
  bare.kill();
  await gateway.stop();
  return figures;
}

/** An edit of one of `count` servers: time until the new one has answered, and the gateway's CPU, in ms. */
export async function measureReload(count, repeats) {
  const servers = serversOf(count, count * 10);
  const gateway = await startGateway(servers);
  await firstList(gateway);
  const records = [];
  for (let i = 0; i < repeats; i += 1) {
    const before = await stateOf(gateway, 's1');
    const cpu = cpuMicroseconds(gateway.child.pid);
    const started = performance.now();
    servers.s1 = { ...servers.s1, args: [upstream, '1', `edit-${i}`] };
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

function mediansOf(records) {
  return Object.fromEntries(
    Object.keys(records[0]).map((key) => [key, median(records.map((one) => one[key]))]),
  );
}

/** The version in a package of a folder's `node_modules`. */
export function versionIn(folder, name) {
  return JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')).version;
}
