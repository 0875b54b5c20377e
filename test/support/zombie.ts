import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { run } from '../../src/platform/run';
import { eventually } from './eventually';

/** A process whose parent never asks how it ended; POSIX. */
export interface Unreaped {
  pid: number;
  /** Ends it; it stays as a zombie until `dispose`. */
  end(): Promise<void>;
  dispose(): Promise<void>;
}

/** Starts a process whose parent has replaced itself by a program that knows of no child. */
export async function startUnreaped(): Promise<Unreaped> {
  const script = 'sleep 600 & echo $!; exec sleep 600';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  return {
    pid,
    end: async () => {
      process.kill(pid, 'SIGKILL');
      await eventually(async () =>
        (await run('ps', ['-o', 'stat=', '-p', String(pid)])).stdout.startsWith('Z'),
      );
    },
    dispose: async () => {
      const gone = once(parent, 'exit');
      process.kill(pid, 'SIGKILL');
      parent.kill('SIGKILL');
      await gone;
    },
  };
}
