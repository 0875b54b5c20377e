// What the figures were measured on.
import os from 'node:os';

/** The day, the machine, Node, and how busy the machine is, as one line. */
export function machine() {
  const [cpu] = os.cpus();
  const [load] = os.loadavg();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  const parts = [
    `${os.cpus().length} x ${cpu?.model ?? 'unknown'}`,
    `${memory}, ${os.platform()}`,
    `Node ${process.version}`,
  ];
  return `${new Date().toISOString().slice(0, 10)}; ${parts.join('; ')}; load average ${load.toFixed(1)} at the end.`;
}
