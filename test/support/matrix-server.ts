import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { root } from './gateway';

const programOf = (era: string): string => path.join(root, 'test/support/servers/matrix', `${era}.mjs`);

/** A server as an entry of servers.json, and how to end it. */
export interface MatrixServer {
  entry: object;
  stop(): Promise<void>;
}

/** A server of the bridge matrix. */
export async function matrixServer(
  era: 'legacy' | 'modern',
  transport: 'stdio' | 'http',
): Promise<MatrixServer> {
  const args = [programOf(era), transport];
  if (transport === 'stdio')
    return { entry: { command: process.execPath, args }, stop: () => Promise.resolve() };
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
  const { url } = JSON.parse(line) as { url: string };
  return {
    entry: { type: 'http', url },
    stop: async () => {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}
