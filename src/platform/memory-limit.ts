import os from 'node:os';

/** The memory that this process may use, in bytes: the limit of its container where there is one, else that of the machine. */
export function memoryLimit(
  constrained: number = process.constrainedMemory(),
  total: number = os.totalmem(),
): number {
  // Without a limit, the kernel reports none, or a number that is larger than the machine.
  return constrained > 0 && constrained < total ? constrained : total;
}
