// From the spawn of a program to its first list of tools.
import { performance } from 'node:perf_hooks';
import { Connection, messageIn, openSession, sessionParams } from './connection.mjs';
import { upstreamPipe } from './pipe.mjs';
import { residentMegabytes } from './process-figures.mjs';
import { serversOf, startGateway, startMcpProxy, startPassThrough, startSupergateway } from './programs.mjs';
import { median, mediansOf } from './statistics.mjs';

const listMessage = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });

/** Everybody who can stand before one server, in turns. Resolves with rows `{ name, listening, list, memory }`: ms from spawn, and MB. */
export async function measureOneServer(bridges, tools, repeats) {
  const rounds = [];
  for (let i = 0; i < repeats; i += 1) {
    const { unknown, known } = await gatewayStarts(1, tools);
    rounds.push([
      { name: 'direct (stdio)', ...(await directStart(tools)) },
      { name: 'raw pass-through', ...(await startOnce(() => startPassThrough(tools), tools)) },
      { name: 'built-in gateway, nothing known', ...unknown },
      { name: 'built-in gateway, known catalogue', ...known },
      { name: 'mcp-proxy', ...(await startOnce(() => startMcpProxy(bridges, tools), tools)) },
      { name: 'supergateway', ...(await startOnce(() => startSupergateway(bridges, tools), tools)) },
    ]);
  }
  return rounds[0].map(({ name }, at) => ({ name, ...mediansOf(rounds.map((rows) => rows[at].figures)) }));
}

/** The gateway before `count` servers. Resolves with `listening`, the lists `unknown` and `known`, in ms, and `memory` in MB. */
export async function measureServers(count, tools, repeats) {
  const records = [];
  for (let i = 0; i < repeats; i += 1) {
    const { unknown, known } = await gatewayStarts(count, tools);
    records.push({
      listening: unknown.figures.listening,
      unknown: unknown.figures.after,
      known: known.figures.after,
      memory: unknown.figures.memory,
    });
  }
  return mediansOf(records);
}

/** A warm list of one session, in ms. */
export async function measureList(tools, repeats) {
  const gateway = await startGateway(serversOf(1, tools));
  const session = await openSession(gateway.url, gateway.headers);
  const connection = new Connection(gateway.url);
  const times = [];
  for (let i = 0; i < repeats + 1; i += 1) {
    const before = performance.now();
    await connection.post(session, listMessage);
    times.push(performance.now() - before);
  }
  connection.close();
  await gateway.stop();
  return { tools, ms: median(times.slice(1)) };
}

/** Asks for the tools with a session of its own. */
export async function firstList({ url, headers }, tools) {
  const session = await openSession(url, headers);
  const connection = new Connection(url);
  const { result } = messageIn((await connection.post(session, listMessage)).body);
  connection.close();
  checkCount(result, tools);
}

/** Cold with an empty state folder, then cold with the folder of that run. */
async function gatewayStarts(count, tools) {
  const servers = serversOf(count, tools);
  let folder;
  const unknown = await startOnce(async () => {
    const gateway = await startGateway(servers);
    ({ folder } = gateway);
    return { ...gateway, stop: () => gateway.stop({ keep: true }) };
  }, tools);
  return { unknown, known: await startOnce(() => startGateway(servers, { folder }), tools) };
}

/** In ms: from spawn until it listens, from spawn until the first list, and the list alone. Memory right after it, in MB. */
async function startOnce(start, tools) {
  const before = performance.now();
  const program = await start();
  const listening = performance.now() - before;
  await firstList(program, tools);
  const list = performance.now() - before;
  const memory = residentMegabytes(program.child.pid);
  await program.stop();
  return { figures: { listening, list, after: list - listening, memory } };
}

async function directStart(tools) {
  const before = performance.now();
  const pipe = upstreamPipe(tools);
  await pipe.request('initialize', sessionParams);
  pipe.notify('notifications/initialized');
  const { result } = await pipe.request('tools/list', {});
  const list = performance.now() - before;
  await pipe.stop();
  checkCount(result, tools);
  return { figures: { listening: NaN, list, after: NaN, memory: NaN } };
}

function checkCount(result, tools) {
  if (result?.tools?.length !== tools)
    throw new Error(`the list has ${result?.tools?.length} tools, not ${tools}`);
}
