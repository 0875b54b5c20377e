// Loaded into the gateway with NODE_OPTIONS. Measures how long its event loop is held up, and writes the figures into the file
// MCP_SOAK_FIGURES each second: `{ longest, p99, busiest, rss }`, in ms and MiB. `busiest` is the longest delay in which the
// process itself used the processor; the others come from a busy machine.
'use strict';
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');

const file = process.env.MCP_SOAK_FIGURES;
const resolution = 10;

/** The longest delay of a timer, as far as the process used the processor meanwhile. */
function watchProcessor() {
  const watched = { busiest: 0 };
  let last = performance.now();
  let used = process.cpuUsage();
  setInterval(() => {
    const now = performance.now();
    const { user, system } = process.cpuUsage(used);
    watched.busiest = Math.max(watched.busiest, Math.min(now - last, (user + system) / 1000) - resolution);
    last = now;
    used = process.cpuUsage();
  }, resolution).unref();
  return watched;
}

if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  const watched = watchProcessor();
  const ms = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - resolution);
  setInterval(() => {
    const { busiest } = watched;
    const rss = process.memoryUsage.rss() / 2 ** 20;
    writeFileSync(
      file,
      JSON.stringify({ longest: ms(delay.max), p99: ms(delay.percentile(99)), busiest, rss }),
    );
  }, 1000).unref();
}
