// A program that listens on a port which it is told, and says so in no way of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { descendants } from '../process-figures.mjs';
import { accepts, freePort } from '../programs.mjs';

const patienceMs = 240_000;

/** Starts it and resolves, once it accepts connections, with `{ url, stop }`. `stop` ends what it has started, too. */
export async function startListener(program, argumentsFor, { env = {}, cwd } = {}) {
  const port = await freePort();
  const options = { stdio: 'ignore', cwd, env: { ...process.env, ...env } };
  const child = spawn(program, argumentsFor(String(port)), options);
  const ended = once(child, 'exit').catch(() => undefined);
  const stop = async () => await endAll(child, ended);
  const latest = Date.now() + patienceMs;
  while (!(await accepts(port))) {
    if (child.exitCode !== null || Date.now() > latest) {
      await stop();
      throw new Error(`${program} does not listen`);
    }
    await delay(10);
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

async function endAll(child, ended) {
  const below = descendants(child.pid);
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(late);
  for (const pid of below) kill(pid);
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
