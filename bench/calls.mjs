// Calls of the tool `echo` by 1, 8 and 32 callers: CPU, latency, throughput.
import { performance } from 'node:perf_hooks';
import { cpuMicroseconds, residentMegabytes } from './process-figures.mjs';
import { mediansOf, quantile } from './statistics.mjs';

const levels = [1, 8, 32];

/**
 * Measures the subjects in turns, so that a change of the machine's pace meets all of them. `scale` multiplies the number
 * of calls. Resolves with one record a subject: figures as medians over the rounds, and, as medians of what the rounds said,
 * `ratios` and `differences` to the subject `floor`, and `added` to the subject `none`.
 */
export async function measureCalls(subjects, { none, floor, rounds, scale }) {
  for (const subject of subjects) await load(subject, 32, Math.round(1000 * scale));
  const records = new Map(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const subject of subjects) records.get(subject).push(await measure(subject, scale));
  }
  return subjects.map((subject) => {
    const own = records.get(subject);
    const against = (other, compare) =>
      mediansOf(
        own.map((record, i) => mapValues(record, (key) => compare(record[key], records.get(other)[i][key]))),
      );
    return {
      name: subject.name,
      figures: { ...mediansOf(own), memory: subject.pid && residentMegabytes(subject.pid) },
      ratios: against(floor, (a, b) => a / b),
      differences: against(floor, (a, b) => a - b),
      added: against(none, (a, b) => a - b),
    };
  });
}

async function measure(subject, scale) {
  const { pid } = subject;
  const record = {};
  for (const level of levels) {
    const count = Math.round((level === 1 ? 400 : 1200) * scale);
    const { times, seconds, cpu } = await load(subject, level, count);
    record[`cpu${level}`] = pid && cpu / count;
    record[`rate${level}`] = count / seconds;
    for (const share of [0.5, 0.95, 0.99]) record[`p${share * 100}of${level}`] = quantile(times, share);
  }
  return record;
}

/** Each caller has a connection of its own, made and used once before the clock starts. */
async function load(subject, level, count) {
  const callers = Array.from({ length: level }, () => subject.caller());
  await Promise.all(callers.map(check));
  const times = [];
  let left = count;
  const cpu = subject.pid && cpuMicroseconds(subject.pid);
  const start = performance.now();
  await Promise.all(
    callers.map(async (caller) => {
      while (left-- > 0) {
        const before = performance.now();
        await check(caller);
        times.push(performance.now() - before);
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const spent = subject.pid && cpuMicroseconds(subject.pid) - cpu;
  for (const caller of callers) caller.close();
  return { times, seconds, cpu: spent };
}

async function check({ call }) {
  const answer = await call('hello');
  if (answer.result?.content?.[0]?.text !== 'hello')
    throw new Error(`unexpected answer: ${JSON.stringify(answer)}`);
}

function mapValues(record, valueOf) {
  return Object.fromEntries(Object.keys(record).map((key) => [key, valueOf(key)]));
}
