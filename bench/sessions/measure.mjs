// Sessions that all begin at one time: what they and everything behind them hold, and how long each waits for its tools.
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { descendants, proportionalMegabytes } from '../process-figures.mjs';
import { median } from '../statistics.mjs';

/**
 * `count` sessions by a way that is started with them. Resolves with the time until a session has its tools, of the `first`
 * one and the `median`, in seconds; `running`: the same median for as many sessions later, when everything is up;
 * `memory` in MB and the number of `processes` of everything but this program, with the last sessions open, once each has
 * called the tools whose names end as the way's `calls`; and the
 * number of `tools` of a session.
 */
export async function measureSessions(way, count) {
  const begun = performance.now();
  const running = await way.start();
  try {
    const first = await openAll(running, count, begun);
    const later = way.own ? undefined : await openLater(running, count, first);
    await (later ?? first).use(way.calls ?? []);
    const held = await settledFigures();
    await (later ?? first).close();
    const { seconds, tools } = first;
    const times = {
      first: Math.min(...seconds),
      median: median(seconds),
      running: median(later?.seconds ?? []),
    };
    return { name: way.name, count, tools, ...times, ...held };
  } finally {
    await running.stop();
  }
}

/** What is learnt from the first sessions may cost the next one a start; those after it are the usual ones. */
async function openLater(running, count, first) {
  await settledFigures();
  await first.close();
  const next = await openAll(running, 1, performance.now());
  await next.close();
  return await openAll(running, count, performance.now());
}

async function openAll({ open }, count, begun) {
  const opened = await Promise.all(
    Array.from({ length: count }, async () => {
      const session = await open();
      return { session, seconds: (performance.now() - begun) / 1000 };
    }),
  );
  return {
    seconds: opened.map(({ seconds }) => seconds),
    tools: Math.max(...opened.map(({ session }) => session.tools)),
    use: async (calls) => {
      for (const ending of calls)
        await Promise.all(opened.map(async ({ session }) => await session.call(ending)));
    },
    close: async () => await Promise.all(opened.map(async ({ session }) => await session.close())),
  };
}

/** The figures once they no longer change: what is started after the first list counts, too. */
async function settledFigures() {
  let before = figuresNow();
  for (let i = 0; i < 20; i += 1) {
    await delay(2000);
    const now = figuresNow();
    const steady = Math.abs(now.memory - before.memory) < 0.01 * before.memory;
    if (steady && now.processes === before.processes) return now;
    before = now;
  }
  return before;
}

function figuresNow() {
  const pids = descendants(process.pid);
  return { memory: pids.reduce((sum, pid) => sum + memoryOf(pid), 0), processes: pids.length };
}

/** One that ends while it is looked at holds nothing. */
function memoryOf(pid) {
  try {
    return proportionalMegabytes(pid) || 0;
  } catch {
    return 0;
  }
}
