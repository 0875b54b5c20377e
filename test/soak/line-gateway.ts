import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { initialize, initialized } from '../support/bridge';
import { program } from '../support/gateway';
import { modernParams } from '../support/raw-client';

/** A real gateway on standard input and output, and its one client, which works on bytes. */
export class LineGateway {
  lastId = 0;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting = new Map<string, (line: Buffer) => void>();
  #lines: Buffer[] = [];
  #partial: Buffer[] = [];

  private constructor(
    readonly folder: string,
    args: readonly string[],
  ) {
    this.#process = spawn(process.execPath, args);
    this.#process.stderr.resume();
    this.#process.stdout.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  /** Starts one and opens a session of the legacy era; resolves when the servers have settled. */
  static async start(servers: Record<string, unknown>): Promise<LineGateway> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-soak-lines-'));
    const file = path.join(folder, 'servers.json');
    await writeFile(file, JSON.stringify({ servers }));
    const args = [program, '--stdio', '--servers', file, '--state', path.join(folder, 'state')];
    const gateway = new LineGateway(folder, args);
    await gateway.send(initialize, initialized);
    await gateway.request('tools/list', '{}');
    return gateway;
  }

  get alive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async send(...lines: (string | Buffer)[]): Promise<void> {
    const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    if (!this.#process.stdin.write(bytes)) await once(this.#process.stdin, 'drain');
  }

  /** The bytes of the answer to a request of the legacy era. */
  async request(method: string, params: string): Promise<Buffer> {
    this.lastId += 1;
    const id = String(this.lastId);
    const answer = new Promise<Buffer>((resolve) => this.#waiting.set(id, resolve));
    await this.send(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
    return await answer;
  }

  /** The same in the form of 2026-07-28; `params` is the text of an object with members. */
  async modernRequest(method: string, params: string): Promise<Buffer> {
    return await this.request(method, modernParams(params));
  }

  /** What came since this was asked the last time, line by line. */
  taken(): Buffer[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Ends its input and waits for its end. */
  async stop(): Promise<void> {
    if (this.alive) {
      const exit = once(this.#process, 'exit');
      this.#process.stdin.end();
      await exit;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  #take(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const line = Buffer.concat([...this.#partial, chunk.subarray(start, end)]);
      this.#partial = [];
      start = end + 1;
      this.#lines.push(line);
      const id = /^\{"jsonrpc":"2\.0","id":(\d+),/.exec(line.toString('latin1', 0, 60))?.[1] ?? '';
      this.#waiting.get(id)?.(line);
      this.#waiting.delete(id);
    }
    this.#partial.push(chunk.subarray(start));
  }
}
