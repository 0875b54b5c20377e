// The figures as Markdown.

const figure = (value, digits) => (value === undefined || Number.isNaN(value) ? '-' : value.toFixed(digits));

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

export function startsTable(records) {
  const head = [
    'servers',
    'tools',
    'spawn to listening, ms',
    'first list, nothing known',
    'first list, known catalogue',
  ];
  const rows = records.map(({ servers, figures: f }) => [
    String(servers),
    String(f.tools),
    figure(f.listening, 0),
    figure(f.without, 0),
    figure(f.cached, 0),
  ]);
  return table([head, ...rows]);
}

/** The goals of the project with what was measured, and whether they hold. */
export function goalsTable(goals) {
  const rows = goals.map(({ goal, measured, holds }) => [goal, measured, holds ? 'holds' : 'does not hold']);
  return table([['goal', 'measured', ''], ...rows]);
}
