import { deadline } from '../../../platform/deadline';
import { AppError } from '../../../platform/errors';
import { LogLines } from '../../../mcp-wire/log-lines';
import type { ChildOptions, ChildProcesses } from './child-processes';
import { docker } from './docker-client';

/** How long an image may take to come. */
const pullMs = 10 * 60_000;

/**
 * Whether the engine has not got the image. Whatever else is wrong with the engine or its client is told by the attempt to
 * run it.
 */
export async function isMissing(reference: string): Promise<boolean> {
  const found = await docker('image', 'inspect', '--format', '{{.Id}}', reference).catch(() => undefined);
  return (
    found !== undefined && found.code !== 0 && /no such (image|object)|image not known/i.test(found.stderr)
  );
}

export interface Pull {
  /** The engine's command that gets the image. */
  command: ChildOptions;
  /** The image as the definition names it. */
  image: string;
  /** What the engine says while it works, line by line. */
  log: (line: string) => void;
  /** Aborting ends the command. */
  signal: AbortSignal;
  limitMs?: number;
}

/** Gets an image. Resolves when it is there; throws when it cannot be had, not in time, or is not wanted any more. */
export async function pull(processes: ChildProcesses, work: Pull): Promise<void> {
  const { command, image, log, signal, limitMs = pullMs } = work;
  const limit = deadline([signal], limitMs);
  const { child, marker } = processes.start(command);
  let problem = '';
  const progress = new LogLines(log);
  const problems = new LogLines((line) => {
    if (/\S/.test(line)) problem = line;
    log(line);
  });
  child.stdout?.on('data', (chunk: Buffer) => progress.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => problems.push(chunk));
  child.stdin?.on('error', () => undefined).end();
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject).once('close', resolve);
      limit.signal.addEventListener('abort', () => resolve(null));
    });
    if (signal.aborted) throw new AppError('cancelled', `the image ${image} is not wanted any more`);
    if (limit.signal.aborted) throw unobtainable(image, `it did not come within ${limitMs / 60_000} min`);
    if (code !== 0) throw unobtainable(image, problem === '' ? `exit code ${code ?? 'unknown'}` : problem);
  } finally {
    limit.dispose();
    await processes.stop(child, marker);
  }
}

/** Pure: what is wrong with an image that does not come, and what to do about it. */
export function unobtainable(image: string, problem: string): AppError {
  const detail = problem.replace(/^(docker|error response from daemon): /i, '').slice(0, 400);
  return new AppError('engine', `could not get the image ${image} (${detail})`, {
    next: `Correct its name in servers.json, log in to its registry with docker login, or pull it where the gateway runs: docker pull ${image}`,
  });
}
