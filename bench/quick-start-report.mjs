// The figures of a start as Markdown.
import { table } from './report.mjs';

const rows = [
  ['version', '`--version`, ms of CPU', 1],
  ['help', '`--help`, ms of CPU', 1],
  ['answer', '`connect`, ms from spawn to its first answer', 0],
  ['memory', '`connect` then, MB (proportional set size)', 1],
  ['list', '`tools` with a warm gateway, ms', 0],
  ['listening', 'the gateway, ms from spawn until it listens', 0],
];

/** Starts beside bare Node, and beside the other build where one was measured. */
export function quickStartTable({ bare, own, other }) {
  const head = ['start', 'bare Node', 'this build', 'against bare Node'];
  const more = other === undefined ? [] : ['the other build', 'against it'];
  const lines = rows.map(([key, name, digits]) => [
    name,
    ...[bare[key], own[key]].map((value) => value.toFixed(digits)),
    times(own[key], bare[key]),
    ...(other === undefined ? [] : [other[key].toFixed(digits), times(own[key], other[key])]),
  ]);
  return table([[...head, ...more], ...lines]);
}

/** The goals of a start as rows `[goal, measured, holds]`; those against another build only where one was measured. */
export function quickStartGoals({ bare, own, other }) {
  const most = (goal, limit, value, base) => [goal, times(value, base), value / base <= limit];
  const later = own.answer - bare.answer;
  const alone = [
    most('`--version` at most 1.25 x the CPU of bare Node', 1.25, own.version, bare.version),
    most('`--help`: the same', 1.25, own.help, bare.help),
    ['first answer of `connect` at most 40 ms after bare Node', `${later.toFixed(0)} ms`, later <= 40],
    most('`connect` at most 1.35 x the memory of bare Node', 1.35, own.memory, bare.memory),
  ];
  if (other === undefined) return alone;
  return [
    ...alone,
    most('`tools` at most 0.6 x the time of the other build', 0.6, own.list, other.list),
    most(
      'the gateway listens within 0.75 x the time of the other build',
      0.75,
      own.listening,
      other.listening,
    ),
  ];
}

const times = (value, base) => `${(value / base).toFixed(2)} x`;
