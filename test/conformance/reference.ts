import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import * as v from 'valibot';

export type Era = 'legacy' | 'modern';

const program = (era: Era): string => path.join(__dirname, 'servers', `${era}.mjs`);
const listening = v.object({ url: v.string() });

export interface ReferenceServer {
  url: string;
  stop(): Promise<void>;
}

/** A reference server on a port of its own. */
export async function startReference(era: Era): Promise<ReferenceServer> {
  const child = spawn(process.execPath, [program(era), 'http'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface({ input: child.stdout }), 'line'),
    exit.then(() => Promise.reject(new Error(`the ${era} reference server ended before it listened`))),
  ])) as [string];
  return {
    ...v.parse(listening, JSON.parse(line)),
    stop: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}

/** The same server as an entry of servers.json that starts it on its standard input and output. */
export function stdioReference(era: Era): object {
  return { command: process.execPath, args: [program(era), 'stdio'] };
}
