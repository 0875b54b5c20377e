import { AppError } from '../platform/errors';
import { printJson, type CliIo } from './io';
import { openManager, type ManagerOptions } from './manager';

export interface LogsVerbOptions extends ManagerOptions {
  follow?: boolean;
  tail: number;
}

/** `logs`: of the gateway, or of one server behind it. */
export async function logs(io: CliIo, server: string | undefined, options: LogsVerbOptions): Promise<void> {
  const { follow = false, tail, json = false } = options;
  if (follow && json) {
    throw new AppError(
      'usage',
      '--follow and --json do not work together: --follow never ends, so there is no complete JSON document.',
      {
        next: 'Remove one of the two options.',
      },
    );
  }
  const manager = await openManager(io, options);
  const lines: string[] = [];
  // A server of the name "gateway" is found by that name; the gateway's own log needs none.
  for await (const line of manager.logs(server, { follow, tail, signal: io.signal })) {
    if (json) lines.push(line);
    else io.stdout(`${server === undefined ? readable(line) : line}\n`);
  }
  if (json) printJson(io, { server: server ?? null, lines });
}

/** A JSON log line as a person reads it; anything else as it is. */
export function readable(line: string): string {
  if (!line.startsWith('{"')) return line;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null || !('message' in entry)) return line;
    const { message, ...rest } = entry;
    const { time = '', level = '', ...fields } = rest as Record<string, unknown>;
    const more = Object.keys(fields).length === 0 ? '' : ` ${JSON.stringify(fields)}`;
    return `${String(time)} ${String(level).padEnd(5)} ${String(message)}${more}`;
  } catch {
    return line;
  }
}
