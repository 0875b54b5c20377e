// The figures of the sessions as Markdown.
import { figure, goalsTable, table } from '../report.mjs';

/** Two digits, and three where two would be nothing. */
function ratio(value, base) {
  if (value === undefined) return '-';
  const share = value / base;
  return `${share.toFixed(share < 0.01 ? 3 : 2)} x`;
}

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

/** The short table: directly and through the gateway. Directly, a session always waits for its own servers. */
export function headlineTable(direct, own, servers) {
  const row = (name, { memory, processes, median, running = median }) => [
    name,
    `${figure(memory, 0)} MB`,
    String(processes),
    `${figure(median, 1)} s`,
    `${figure(running, 2)} s`,
  ];
  const against = (key) => ratio(own[key], direct[key]);
  const waits = 'a session has its tools after';
  return table([
    [
      `${direct.count} agent sessions, ${servers} servers`,
      'memory',
      'processes',
      waits,
      'gateway already running',
    ],
    row('each session starts its own servers', direct),
    row('all sessions use one gateway', own),
    ['', against('memory'), against('processes'), against('median'), ratio(own.running, direct.median)],
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
