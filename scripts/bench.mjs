// `npm run bench`: what the gateway costs, beside a raw pass-through and a direct connection in the same run.
// Figures are printed, never asserted: they belong to the machine that they were measured on.
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { performance } from 'node:perf_hooks';
import { direct, gateway, passThrough } from '../bench/subjects.mjs';
import { setUp } from './install.mjs';

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const sequential = 2000;
const concurrent = 8000;
const callers = 32;

await setUp();
const subjects = [await direct(), await passThrough(), await gateway()];
const measured = new Map(subjects.map(({ name }) => [name, []]));
for (const { call } of subjects) for (let i = 0; i < 500; i += 1) await check(call);
// The subjects take turns, so that a change of the machine's pace meets all of them.
for (let round = 0; round < rounds; round += 1) {
  for (const subject of subjects) measured.get(subject.name).push(await measure(subject));
}
for (const subject of subjects) subject.stop();
print();
process.exit(0);

async function check(call) {
  const answer = await call('hello');
  if (answer.result?.content?.[0]?.text !== 'hello')
    throw new Error(`unexpected answer: ${JSON.stringify(answer)}`);
}

async function measure({ call, pid }) {
  const before = cpuMicroseconds(pid);
  const times = [];
  for (let i = 0; i < sequential; i += 1) {
    const start = performance.now();
    await check(call);
    times.push(performance.now() - start);
  }
  const start = performance.now();
  let left = concurrent;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (left-- > 0) await check(call);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(times.length * share)];
  const cpu = before === undefined ? undefined : (cpuMicroseconds(pid) - before) / (sequential + concurrent);
  return { cpu, p50: at(0.5), p95: at(0.95), p99: at(0.99), rps: concurrent / seconds };
}

/** User and system time of a process, where the system tells (Linux, in ticks of 10 ms). */
function cpuMicroseconds(pid) {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

function print() {
  const median = (name, key) => {
    const values = measured
      .get(name)
      .map((one) => one[key])
      .filter((value) => value !== undefined)
      .sort((a, b) => a - b);
    return values[Math.floor(values.length / 2)];
  };
  const rows = subjects.map(({ name }) => ({
    name,
    cpu: median(name, 'cpu'),
    p50: median(name, 'p50'),
    p95: median(name, 'p95'),
    p99: median(name, 'p99'),
    rps: median(name, 'rps'),
  }));
  const [, base, own] = rows;
  const figure = (value, digits) => (value === undefined ? '-' : value.toFixed(digits));
  console.log(
    `tools/call echo over keep-alive; median of ${rounds} rounds of ${sequential} sequential and ${concurrent} calls by ${callers} callers`,
  );
  console.log(
    `${os.cpus().length} x ${os.cpus()[0]?.model ?? 'unknown'}, Node ${process.version}, ${os.platform()}\n`,
  );
  console.log('subject             CPU us/call   p50 ms   p95 ms   p99 ms   calls/s');
  for (const row of rows) {
    console.log(
      row.name.padEnd(18),
      figure(row.cpu, 0).padStart(12),
      figure(row.p50, 3).padStart(8),
      figure(row.p95, 3).padStart(8),
      figure(row.p99, 3).padStart(8),
      figure(row.rps, 0).padStart(9),
    );
  }
  const ratio = (key) =>
    base[key] === undefined || own[key] === undefined ? '-' : (own[key] / base[key]).toFixed(2);
  console.log(
    `\nbuilt-in gateway / raw pass-through: CPU ${ratio('cpu')} x, p50 ${ratio('p50')} x (${(own.p50 - base.p50).toFixed(3)} ms more), throughput ${ratio('rps')} x`,
  );
}
