import { deadline } from '../../../platform/deadline';
import { AppError } from '../../../platform/errors';
import { LogLines } from '../../../mcp-wire/log-lines';
import type { ChildOptions, ChildProcesses } from './child-processes';
import { docker } from './docker-client';

/** The time limit for a pull. */
const pullMs = 10 * 60_000;

/**
 * Whether the engine does not have the image. Other problems with the engine or its client are reported by the attempt to
 * run the container.
 */
export async function isMissing(reference: string): Promise<boolean> {
  const found = await docker('image', 'inspect', '--format', '{{.Id}}', reference).catch(() => undefined);
  return (
    found !== undefined && found.code !== 0 && /no such (image|object)|image not known/i.test(found.stderr)
  );
}

export interface Pull {
  /** The engine's command that pulls the image. */
  command: ChildOptions;
  /** The image name in the definition. */
  image: string;
  /** Receives the output of the command, line by line. */
  log: (line: string) => void;
  /** Aborting ends the command. */
  signal: AbortSignal;
  limitMs?: number;
}

/** Pulls an image. Resolves when it is there. Throws when it fails, takes too long or is cancelled. */
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
    if (signal.aborted) throw new AppError('cancelled', `The pull of the image ${image} was cancelled.`);
    if (limit.signal.aborted) throw unobtainable(image, `the pull took longer than ${limitMs / 60_000} min`);
    if (code !== 0) throw unobtainable(image, problem === '' ? `exit code ${code ?? 'unknown'}` : problem);
  } finally {
    limit.dispose();
    await processes.stop(child, marker);
  }
}

/** A pure function: the error for an image that cannot be pulled, with the next step. */
export function unobtainable(image: string, problem: string): AppError {
  const detail = problem.replace(/^(docker|error response from daemon): /i, '').slice(0, 400);
  return new AppError('engine', `The image ${image} could not be pulled (${detail}).`, {
    next: `Correct its name in servers.json, log in to its registry with docker login, or pull it where the gateway runs: docker pull ${image}`,
  });
}
