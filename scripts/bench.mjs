// `npm run bench`: what the gateway costs, beside a direct connection, a raw pass-through, and `mcp-proxy` and
// `supergateway` from npm in the same run. Figures are printed, never asserted: they belong to the machine that they were
// measured on. `-- --write` puts them into docs/benchmarks.md and README.md; `-- --short` only shows that everything runs;
// `-- --sessions` and `-- --gateways` measure those parts alone; `-- --against DIR` measures starts beside those of another
// checkout that is built.
import os from 'node:os';
import path from 'node:path';
import { measureCalls } from '../bench/calls.mjs';
import { measureMemory } from '../bench/memory.mjs';
import { versionIn } from '../bench/programs.mjs';
import { measureReload } from '../bench/reload.mjs';
import { measureQuickStart } from '../bench/quick-start.mjs';
import { quickStartGoals, quickStartTable } from '../bench/quick-start-report.mjs';
import {
  addedTable,
  callsTable,
  goalsTable,
  oneServerTable,
  ratiosTable,
  startsTable,
  table,
} from '../bench/report.mjs';
import { measureList, measureOneServer, measureServers } from '../bench/starts.mjs';
import { direct, gateway, mcpProxy, passThrough, supergateway } from '../bench/subjects.mjs';
import { root, setUp } from './install.mjs';
import { benchGateways, benchSessions } from './lib/bench-sessions.mjs';
import { writeFigures } from './lib/figures.mjs';
import { otherBridges } from './lib/tools.mjs';

const short = process.argv.includes('--short');
const write = process.argv.includes('--write');
const rounds = Number(process.env.BENCH_ROUNDS ?? (short ? 1 : 9));
const repeats = Number(process.env.BENCH_STARTS ?? (short ? 1 : 5));
const against = process.argv.includes('--against')
  ? process.argv[process.argv.indexOf('--against') + 1]
  : undefined;
const serverCounts = short ? [1, 3] : [1, 20, 50];
const toolCounts = short ? [2, 20] : [10, 500, 2000];

await setUp();
const alone = ['--sessions', '--gateways'].find((part) => process.argv.includes(part));
if (alone !== '--gateways') await benchSessions({ root, short, write });
if (alone !== '--sessions' && !short) await benchGateways({ root, write });
if (alone !== undefined) process.exit(0);
const bridges = await otherBridges();
const calls = await measureAllCalls();
const oneServer = [];
for (const tools of toolCounts)
  oneServer.push({ tools, rows: await measureOneServer(bridges, tools, repeats) });
const starts = [];
for (const servers of serverCounts)
  for (const tools of toolCounts)
    starts.push({ servers, tools, figures: await measureServers(servers, tools, repeats) });
const list = await measureList(500, short ? 5 : 50);
const memory = await measureMemory(20);
const reload = await measureReload(5, repeats);
const quickStart = await measureQuickStart(short ? 1 : 9, against);
const text = report();
console.log(text);
if (write) await writeFigures(path.join(root, 'docs/benchmarks.md'), 'figures', text);
process.exit(0);

async function measureAllCalls() {
  const [none, floor] = [direct(), await passThrough()];
  const subjects = [none, floor, await gateway(), await mcpProxy(bridges), await supergateway(bridges)];
  try {
    return await measureCalls(subjects, { none, floor, rounds, scale: short ? 0.1 : 1 });
  } finally {
    for (const subject of subjects) await subject.stop();
  }
}

function goals() {
  const [, , own, proxy, other] = calls;
  const twenty = starts.filter(({ servers }) => servers === 20).map(({ figures }) => figures.known);
  const cold = twenty.length === 0 ? undefined : Math.max(...twenty);
  const cheapest = (level) =>
    Math.min(proxy.figures[`cpu${level}`], other.figures[`cpu${level}`]) / own.figures[`cpu${level}`];
  const more = memory.gateway - memory.bare;
  const listening = Math.max(...starts.map(({ figures }) => figures.listening));
  const { cpu1, cpu32, rate32 } = own.ratios;
  const p50 = own.differences.p50of1;
  return [
    ['CPU per call at most 1.35 x the raw pass-through, 1 caller', `${cpu1.toFixed(2)} x`, cpu1 <= 1.35],
    ['at most 1.3 x, 32 callers', `${cpu32.toFixed(2)} x`, cpu32 <= 1.3],
    ['throughput of 32 callers at least 0.5 x', `${rate32.toFixed(2)} x`, rate32 >= 0.5],
    ['sequential p50 at most 0.2 ms more', `${p50.toFixed(3)} ms`, p50 <= 0.2],
    [
      '5 x less CPU than mcp-proxy and supergateway, 1 caller',
      `${cheapest(1).toFixed(1)} x`,
      cheapest(1) >= 5,
    ],
    ['the same, 32 callers', `${cheapest(32).toFixed(1)} x`, cheapest(32) >= 5],
    ['listening within 250 ms of spawn', `${listening.toFixed(0)} ms`, listening <= 250],
    [
      'first list of 20 cold servers, known catalogue: 300 ms',
      cold === undefined ? '-' : `${cold.toFixed(0)} ms`,
      cold === undefined ? undefined : cold <= 300,
    ],
    ['20 servers configured, none started: bare Node + 20 MB', `+ ${more.toFixed(0)} MB`, more <= 20],
    ['a list of 500 tools in 5 ms', `${list.ms.toFixed(1)} ms`, list.ms <= 5],
    ...quickStartGoals(quickStart),
  ].map(([goal, measured, holds]) => ({ goal, measured, holds }));
}

function report() {
  const [cpu] = os.cpus();
  const versions = `mcp-proxy ${versionIn(bridges, 'mcp-proxy')}, supergateway ${versionIn(bridges, 'supergateway')}`;
  const [load] = os.loadavg();
  return [
    `${new Date().toISOString().slice(0, 10)}; ${os.cpus().length} x ${cpu?.model ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, ${os.platform()}; Node ${process.version}; ${versions}; load average ${load.toFixed(1)} at the end; medians of ${rounds} rounds of calls and ${repeats} starts.`,
    '### Calls of `echo`',
    callsTable(calls),
    ratiosTable(calls.slice(2)),
    '### Added latency',
    addedTable(calls.slice(1)),
    '### Start-up and first list',
    oneServerTable(oneServer),
    'The built-in gateway alone, before many servers:',
    startsTable(starts),
    '### A start beside bare Node',
    quickStartTable(quickStart),
    '### Lists, memory and reload of the built-in gateway',
    table([
      ['', 'figure'],
      [`a warm list of ${list.tools} tools`, `${list.ms.toFixed(2)} ms`],
      ['memory of bare Node', `${memory.bare.toFixed(0)} MB`],
      ['memory with 20 servers configured and none started', `${memory.gateway.toFixed(0)} MB`],
      ['reload: edit of one of 5 servers until the new one is ready', `${reload.ms.toFixed(0)} ms`],
      ['CPU of the gateway for that reload', `${reload.cpu.toFixed(1)} ms`],
    ]),
    '### Goals',
    goalsTable(goals()),
  ].join('\n\n');
}
