// What a start of the programs costs beside bare Node, and beside another build where one is named: in turns, in one run.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { cpuOfChildren, proportionalMegabytes } from './process-figures.mjs';
import { end, firstLine, serversOf, startGateway } from './programs.mjs';
import { mediansOf } from './statistics.mjs';
import { sessionParams } from './connection.mjs';

const here = import.meta.dirname;
const bare = path.join(here, 'bare.cjs');
/** With further authorities Node reads certificates before its first line, which would hide what a program costs. */
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const initialize = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: sessionParams });
/** The system counts the CPU of children in steps of 10 ms: so many starts are measured together. */
const batch = 10;
const tools = 20;

/**
 * Measures `rounds` rounds. `against` is the folder of another checkout that is built. Resolves with a record for each of
 * `bare`, `own` and, where there is one, `other`, each with the medians of its figures: CPU in ms of `version` and `help`,
 * `answer` in ms from the spawn of `connect` to its first answer and its `memory` in MB by then, `list` in ms of a run of
 * `tools`, and `listening` in ms from the spawn of the gateway.
 */
export async function measureQuickStart(rounds, against) {
  const builds = [{ name: 'own', dist: path.join(here, '../dist') }];
  if (against !== undefined) builds.push({ name: 'other', dist: path.resolve(against, 'dist') });
  const gateway = await startGateway(serversOf(1, tools));
  const records = Object.fromEntries(['bare', ...builds.map(({ name }) => name)].map((name) => [name, []]));
  // The first round brings files and caches to where they are for every later start.
  for (let round = 0; round <= rounds; round += 1) {
    records.bare.push(await bareFigures());
    for (const { name, dist } of builds) records[name].push(await figuresOf(dist, gateway));
  }
  await gateway.stop();
  return Object.fromEntries(
    Object.entries(records).map(([name, [, ...figures]]) => [name, mediansOf(figures)]),
  );
}

async function bareFigures() {
  const cpu = cpuOf([bare]);
  const { ms, megabytes } = await firstAnswer([bare, 'answer']);
  const listening = await listeningBare();
  return { version: cpu, help: cpu, answer: ms, memory: megabytes, list: timeOf([bare]), listening };
}

async function figuresOf(dist, { url, tokenFile }) {
  const cli = path.join(dist, 'cli.js');
  const address = ['--url', url, '--token-file', tokenFile];
  const { ms, megabytes } = await firstAnswer([cli, 'connect', ...address]);
  return {
    version: cpuOf([cli, '--version']),
    help: cpuOf([cli, '--help']),
    answer: ms,
    memory: megabytes,
    list: timeOf([cli, 'tools', ...address]),
    listening: await listeningOf(path.join(dist, 'gateway.cjs')),
  };
}

/** The CPU of one run in ms, of several. */
function cpuOf(args) {
  const before = cpuOfChildren();
  for (let i = 0; i < batch; i += 1) mustRun(args);
  return (cpuOfChildren() - before) / batch;
}

/** The time of one run in ms, the shortest of three: what else the machine does only ever adds to it. */
function timeOf(args) {
  const times = [];
  for (let i = 0; i < 3; i += 1) {
    const before = performance.now();
    mustRun(args);
    times.push(performance.now() - before);
  }
  return Math.min(...times);
}

function mustRun(args) {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`);
}

/** From spawn to the first line of output, with the request there from the start; and the memory then. */
async function firstAnswer(args) {
  const before = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'], env });
  child.stdin.write(`${initialize}\n`);
  await firstLine(child.stdout);
  const ms = performance.now() - before;
  const megabytes = proportionalMegabytes(child.pid);
  const exit = once(child, 'exit');
  child.stdin.end();
  await exit;
  return { ms, megabytes };
}

async function listeningBare() {
  const before = performance.now();
  const child = spawn(process.execPath, [bare, 'listen'], { stdio: ['ignore', 'pipe', 'inherit'], env });
  await firstLine(child.stdout);
  const ms = performance.now() - before;
  await end(child, 'SIGKILL');
  return ms;
}

async function listeningOf(program) {
  const before = performance.now();
  const gateway = await startGateway(serversOf(1, tools, { start: 'on-first-use' }), { program, env });
  const ms = performance.now() - before;
  await gateway.stop();
  return ms;
}
