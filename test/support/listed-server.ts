import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ownServer } from './gateway';

/** A server whose lists a test writes; see `servers/listed.mjs`. Its folder also has room for the gateway's state. */
export class ListedServer {
  private constructor(readonly folder: string) {}

  static async make(lists: object = {}): Promise<ListedServer> {
    const made = new ListedServer(await mkdtemp(path.join(os.tmpdir(), 'mcp-listed-')));
    await made.write(lists);
    return made;
  }

  get entry(): { command: string; args: string[] } {
    return ownServer('listed', this.#file);
  }

  get state(): string {
    return path.join(this.folder, 'state');
  }

  async write(lists: object): Promise<void> {
    await writeFile(this.#file, JSON.stringify(lists));
  }

  /** From now on it answers nothing, until {@link resume}. */
  async hang(): Promise<void> {
    await writeFile(`${this.#file}.hang`, '');
  }

  async resume(): Promise<void> {
    await rm(`${this.#file}.hang`, { force: true });
  }

  /** Lets its tool `wait` answer. */
  async finish(): Promise<void> {
    await writeFile(`${this.#file}.done`, '');
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  get #file(): string {
    return path.join(this.folder, 'lists.json');
  }
}

/** A tool of that name; `rest` goes into its definition. */
export function tool(name: string, rest: object = {}): object {
  return { name, inputSchema: { type: 'object' }, ...rest };
}
