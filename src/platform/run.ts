import { spawn } from 'node:child_process';
import { AppError } from './errors';

export interface RunResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: string;
  signal?: AbortSignal;
  /** Called with each complete line of standard error, for progress. */
  onStderrLine?: (line: string) => void;
}

/**
 * Runs a program to its end without a shell. A non-zero exit is a result, not an error;
 * a program that cannot be started throws the system error (`ENOENT`, `EACCES`).
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return await new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      signal: options.signal,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let stdout = '';
    let stderr = '';
    let partialLine = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (!options.onStderrLine) return;
      const lines = (partialLine + chunk).split(/\r?\n|\r/);
      partialLine = lines.pop() ?? '';
      for (const line of lines) options.onStderrLine(line);
    });
    child.on('error', (error) => {
      reject(
        options.signal?.aborted === true
          ? new AppError('cancelled', `The command "${command}" was cancelled.`, { cause: error })
          : error,
      );
    });
    child.on('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
    if (options.input !== undefined) child.stdin?.on('error', () => undefined).end(options.input);
  });
}
