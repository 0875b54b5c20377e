import { readdirSync } from 'node:fs';
import type { Registry, Sample } from './registry';

/**
 * Metrics of this process, with the names that the Prometheus clients use. Call the returned function before the metrics
 * are read.
 */
export function observeProcess(registry: Registry): () => Promise<void> {
  let lag = 0;
  const one = (value: number): readonly Sample[] => [{ labels: {}, value }];
  const startedAt = performance.timeOrigin / 1000;
  registry.observed('process_cpu_seconds_total', 'counter', 'CPU time in seconds, user and system.', () => {
    const { user, system } = process.cpuUsage();
    return one((user + system) / 1e6);
  });
  registry.observed('process_resident_memory_bytes', 'gauge', 'Resident memory.', () =>
    one(process.memoryUsage.rss()),
  );
  registry.observed('nodejs_heap_size_used_bytes', 'gauge', 'Heap in use.', () =>
    one(process.memoryUsage().heapUsed),
  );
  registry.observed(
    'process_start_time_seconds',
    'gauge',
    'Start time of the process, in seconds since the epoch.',
    () => one(startedAt),
  );
  registry.observed(
    'process_open_fds',
    'gauge',
    'Number of open file descriptors. Absent where the system does not report it.',
    openFds,
  );
  let last = performance.eventLoopUtilization();
  registry.observed(
    'nodejs_eventloop_utilization',
    'gauge',
    'Share of the time since the last reading in which the event loop was busy.',
    () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, last);
      last = now;
      return one(utilization);
    },
  );
  registry.observed(
    'nodejs_eventloop_lag_seconds',
    'gauge',
    'Delay of the event loop at this reading, in seconds.',
    () => one(lag),
  );
  return async () => {
    const before = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    lag = (performance.now() - before) / 1000;
  };
}

function openFds(): readonly Sample[] {
  try {
    return [{ labels: {}, value: readdirSync('/proc/self/fd').length - 1 }];
  } catch {
    return [];
  }
}
