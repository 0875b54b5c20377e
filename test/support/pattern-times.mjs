// Reads regular expressions and two lengths from its input: `{ literals, small, large }`. For each it prints the times that the
// worst of many texts takes at these lengths, in ms: `{ literal, text, small, large }`.
import { text } from 'node:stream/consumers';
import { parsedLiteral } from '../../scripts/lib/patterns.mjs';

const { literals, small, large } = JSON.parse(await text(process.stdin));

const usual = [
  'a',
  '0',
  'A',
  ' ',
  '\t',
  '\n',
  '\r\n',
  '"',
  '\\',
  '/',
  '-',
  '.',
  ':',
  '=',
  '${',
  '${A',
  '${A:-',
  '/*',
  '//',
  '[^',
  '%41',
];

/** Pieces of a pattern that texts are made of: its literal words, and each beside a letter, a digit, a blank and a dash. */
function pumpsOf(source) {
  const words = source
    .replace(/\[(?:\\.|[^\]\\])*\]|\\[dDwWsSbBpP](?:\{[^}]*\})?|\{\d+(?:,\d*)?\}/g, ' ')
    .replace(/\\(.)/g, '$1')
    .split(/[ ()|?*+^]+|\[|\]/)
    .filter((word) => word !== '');
  const all = words.flatMap((word) => [
    word,
    `${word}a`,
    `${word}0`,
    `${word} `,
    `${word}-`,
    `${word}aaaaaaaa-`,
    `a${word}`,
  ]);
  return [...new Set([...usual, ...all, `${words.join('a')}a`])].slice(0, 200);
}

function timeOf(pattern, given) {
  const start = performance.now();
  if (pattern.global) given.replace(pattern, '');
  else pattern.exec(given);
  return performance.now() - start;
}

const grown = (pump, size) => `${pump.repeat(Math.ceil(size / pump.length))}\0\n`;
/** The large text is 16 times the small one. */
const usualGrowth = 32;
/** A pattern is measured no longer than this, and at least once, in ms. */
const mostMs = 2000;

for (const literal of literals) {
  const { source, flags } = parsedLiteral(literal);
  const pattern = new RegExp(source, flags);
  let worst = { pump: 'a', ms: 0 };
  for (const pump of pumpsOf(source)) {
    const ms = timeOf(pattern, grown(pump, small));
    if (ms > worst.ms) worst = { pump, ms };
  }
  const texts = { small: grown(worst.pump, small), large: grown(worst.pump, large) };
  const least = { small: Infinity, large: Infinity };
  const end = performance.now() + mostMs;
  // Other programs can delay a search, so the least of several times counts.
  for (
    let round = 0;
    round < 3 || (least.large > usualGrowth * least.small && performance.now() < end);
    round += 1
  ) {
    for (const size of ['small', 'large']) least[size] = Math.min(least[size], timeOf(pattern, texts[size]));
    if (performance.now() > end) break;
  }
  process.stdout.write(`${JSON.stringify({ literal, text: worst.pump, ...least })}\n`);
}
