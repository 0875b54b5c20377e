// The upstream of the benchmark spoken to over its pipes: no hop at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { upstream } from './programs.mjs';

/** A server with `tools` tools; `request(method, params)` resolves with the message of the answer. */
export class Pipe {
  #child;
  #waiting = new Map();
  #next = 1;
  #rest = '';

  constructor(tools) {
    const options = { stdio: ['pipe', 'pipe', 'inherit'] };
    this.#child = spawn(process.execPath, [upstream, String(tools)], options);
    this.#child.stdout.setEncoding('utf8').on('data', (chunk) => this.#take(chunk));
  }

  request(method, params) {
    return new Promise((resolve) => {
      this.#waiting.set(this.#next, resolve);
      this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: this.#next++, method, params })}\n`);
    });
  }

  notify(method) {
    this.#child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method })}\n`);
  }

  async stop() {
    const exit = once(this.#child, 'exit');
    this.#child.kill();
    await exit;
  }

  #take(chunk) {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    }
  }
}
