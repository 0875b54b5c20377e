import type { CliIo } from '../../src/cli/io';
import { statusOf, type VerbAction } from '../../src/cli/run';

export interface CliResult {
  status: number;
  stdout: string;
  stderr: string;
  bytes: Buffer;
}

/** Runs a verb with streams of its own. */
export async function runVerb(
  action: VerbAction,
  options: {
    json?: boolean;
    env?: NodeJS.ProcessEnv;
    cwd?: string;
    interactive?: boolean;
    signal?: AbortSignal;
  } = {},
): Promise<CliResult> {
  const out: Buffer[] = [];
  let stderr = '';
  const io: CliIo = {
    stdout: (text) => void out.push(Buffer.from(text)),
    stderr: (text) => void (stderr += text),
    interactive: options.interactive ?? false,
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    signal: options.signal ?? new AbortController().signal,
  };
  const status = await statusOf(io, options.json ?? false, action);
  const bytes = Buffer.concat(out);
  return { status, stdout: bytes.toString('utf8'), stderr, bytes };
}
