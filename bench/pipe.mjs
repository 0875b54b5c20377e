// An MCP server spoken to over its pipes: no hop at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { upstream } from './programs.mjs';

/** The upstream of the benchmark with `tools` tools. */
export function upstreamPipe(tools) {
  return new Pipe({ command: process.execPath, args: [upstream, String(tools)] });
}

/** A server as in servers.json; `request(method, params)` resolves with the message of the answer. */
export class Pipe {
  #child;
  #waiting = new Map();
  #next = 1;
  #rest = '';
  #answer;
  #ended;

  /** `answer(method)` is the result of a request that the server makes. */
  constructor({ command, args, env = {} }, { answer = () => ({}), log = 'inherit' } = {}) {
    const options = { stdio: ['pipe', 'pipe', log], env: { ...process.env, ...env } };
    this.#answer = answer;
    this.#child = spawn(command, args, options);
    this.#ended = once(this.#child, 'exit');
    this.#child.stdout.setEncoding('utf8').on('data', (chunk) => this.#take(chunk));
    this.#child.once('exit', (code) => {
      for (const { reject } of this.#waiting.values())
        reject(new Error(`${[command, ...args].join(' ')} ended with ${code}`));
    });
  }

  request(method, params) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(this.#next, { resolve, reject });
      this.#send({ jsonrpc: '2.0', id: this.#next++, method, params });
    });
  }

  notify(method) {
    this.#send({ jsonrpc: '2.0', method });
  }

  async stop() {
    this.#waiting.clear();
    this.#child.kill();
    await this.#ended;
  }

  #send(message) {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  #take(chunk) {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop();
    for (const line of lines) this.#receive(JSON.parse(line));
  }

  #receive(message) {
    const { id, method } = message;
    if (method === undefined) {
      this.#waiting.get(id)?.resolve(message);
      this.#waiting.delete(id);
    } else if (id !== undefined) this.#send({ jsonrpc: '2.0', id, result: this.#answer(method) });
  }
}
