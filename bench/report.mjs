// The figures as Markdown.

export const figure = (value, digits) =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits);

/** A Markdown table; every cell but the first of a row is aligned to the right. */
export function table([head, ...rows]) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

export function callsTable(records) {
  const head = [
    '',
    'CPU µs/call, 1 caller',
    '8',
    '32',
    'p50 ms',
    'p95',
    'p99',
    'calls/s, 1',
    '8',
    '32',
    'MB',
  ];
  const rows = records.map(({ name, figures: f }) => [
    name,
    ...[f.cpu1, f.cpu8, f.cpu32].map((value) => figure(value, 0)),
    ...[f.p50of1, f.p95of1, f.p99of1].map((value) => figure(value, 3)),
    ...[f.rate1, f.rate8, f.rate32].map((value) => figure(value, 0)),
    figure(f.memory, 0),
  ]);
  return table([head, ...rows]);
}

/** The ratios of the same rounds, as medians. */
export function ratiosTable(records) {
  const head = [
    'against the raw pass-through',
    'CPU, 1 caller',
    '8',
    '32',
    'p50 ms more',
    'calls/s, 8',
    '32',
  ];
  const rows = records.map(({ name, ratios: r, differences: d }) => [
    name,
    ...[r.cpu1, r.cpu8, r.cpu32].map((value) => `${figure(value, 2)} x`),
    figure(d.p50of1, 3),
    ...[r.rate8, r.rate32].map((value) => `${figure(value, 2)} x`),
  ]);
  return table([head, ...rows]);
}

/** What a hop adds to the latency of a direct connection, as medians of the differences of the same rounds. */
export function addedTable(records) {
  const head = [
    'ms more than direct',
    'p50, 1 caller',
    'p95',
    'p99',
    'p50, 8 callers',
    'p95',
    'p99',
    'p50, 32 callers',
    'p95',
    'p99',
  ];
  const keys = [1, 8, 32].flatMap((level) => [50, 95, 99].map((share) => `p${share}of${level}`));
  const rows = records.map(({ name, added }) => [name, ...keys.map((key) => figure(added[key], 3))]);
  return table([head, ...rows]);
}

/** Start-up before one server: `sizes` holds `{ tools, rows }`, the same subjects in each. */
export function oneServerTable(sizes) {
  const columns = sizes.map(({ tools }) => tools);
  const head = [
    'one server, ms from spawn',
    ...columns.map((tools) => `listening, ${tools} tools`),
    ...columns.map((tools) => `first list, ${tools} tools`),
    `MB, ${columns.at(-1)} tools`,
  ];
  const rows = sizes[0].rows.map(({ name }, at) => [
    name,
    ...sizes.map(({ rows: own }) => figure(own[at].listening, 0)),
    ...sizes.map(({ rows: own }) => figure(own[at].list, 0)),
    figure(sizes.at(-1).rows[at].memory, 0),
  ]);
  return table([head, ...rows]);
}

export function startsTable(records) {
  const head = [
    'servers',
    'tools in all',
    'spawn to listening, ms',
    'listening to first list, nothing known',
    'the same, known catalogue',
    'MB',
  ];
  const rows = records.map(({ servers, tools, figures: f }) => [
    String(servers),
    String(tools),
    figure(f.listening, 0),
    figure(f.unknown, 0),
    figure(f.known, 0),
    figure(f.memory, 0),
  ]);
  return table([head, ...rows]);
}

/** The goals of the project with what was measured, and whether they hold; `holds` is undefined where nothing was measured. */
export function goalsTable(goals) {
  const verdict = (holds) => (holds === undefined ? '-' : holds ? 'holds' : 'does not hold');
  const rows = goals.map(({ goal, measured, holds }) => [goal, measured, verdict(holds)]);
  return table([['goal', 'measured', ''], ...rows]);
}
