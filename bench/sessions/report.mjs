// The figures of the sessions as Markdown.
import { figure, goalsTable, table } from '../report.mjs';

const ratio = (value, base) => (value === undefined ? '-' : `${(value / base).toFixed(2)} x`);

/** Everything about one number of sessions. The first record is the one that the others are compared with. */
export function sessionsTable(records) {
  const [base] = records;
  const head = [
    `${base.count} ${base.count === 1 ? 'session' : 'sessions'}`,
    'MB',
    'processes',
    'first session has its tools, s',
    'median session, s',
    'gateway running: median, s',
    'MB against direct',
    'median against direct',
  ];
  const rows = records.map((one) => [
    one.name,
    figure(one.memory, 0),
    String(one.processes),
    figure(one.first, 2),
    figure(one.median, 2),
    figure(one.running, 3),
    ratio(one.memory, base.memory),
    ratio(one.median, base.median),
  ]);
  return table([head, ...rows]);
}

/** The short table: direct and through the gateway. */
export function headlineTable(direct, own, servers) {
  const row = (name, { memory, processes, median }) => [
    name,
    `${figure(memory, 0)} MB`,
    String(processes),
    `${figure(median, 1)} s`,
  ];
  return table([
    [
      `${direct.count} agent sessions x ${servers} MCP servers`,
      'memory',
      'processes',
      'a session has its tools after',
    ],
    row('each session starts its own servers', direct),
    row('all through one gateway', own),
    [
      '',
      ratio(own.memory, direct.memory),
      ratio(own.processes, direct.processes),
      ratio(own.median, direct.median),
    ],
  ]);
}

/** The goals for the most sessions. */
export function sessionGoals(direct, own) {
  const [memory, time] = [own.memory / direct.memory, own.median / direct.median];
  return goalsTable([
    { goal: 'memory at most 0.13 x direct', measured: `${memory.toFixed(3)} x`, holds: memory <= 0.13 },
    {
      goal: 'time until a session has its tools at most 0.06 x',
      measured: `${time.toFixed(3)} x`,
      holds: time <= 0.06,
    },
  ]);
}
