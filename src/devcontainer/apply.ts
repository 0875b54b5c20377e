import { chmod, mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError, systemCode } from '../platform/errors';
import { exists, readTextIfExists } from '../platform/files';
import type { FileEdit, FileState } from './plan';
import { readState, resolveLinks } from './file-states';

/** The file operations of a change, one system call or so each; tests stop the process at every one of them. */
export interface FileOperations {
  makeFolder(folder: string): Promise<void>;
  /** Without a mode the process's default holds. */
  write(file: string, bytes: Uint8Array, mode: number | undefined): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
  removeFolder(folder: string): Promise<void>;
}

export const fileOperations: FileOperations = {
  makeFolder: async (folder) => {
    await mkdir(folder, { recursive: true });
  },
  write: writeSynced,
  rename,
  remove: async (file) => await rm(file, { force: true }),
  removeFolder: removeIfEmpty,
};

const storedState = v.nullable(v.object({ base64: v.string(), mode: v.nullable(v.number()) }));
const journalSchema = v.object({
  version: v.literal(1),
  pid: v.number(),
  operation: v.string(),
  config: v.string(),
  steps: v.array(v.object({ path: v.string(), before: storedState, after: storedState })),
  newFolders: v.array(v.string()),
});
type Journal = v.InferOutput<typeof journalSchema>;

/** Where the journal of an unfinished change is kept. */
export function journalPath(stateDir: string): string {
  return path.join(stateDir, 'wiring', 'journal.json');
}

/**
 * Several files changed as one: a journal outside the workspace holds every file as it was, until `commit`.
 * A process that ends before leaves the journal, and `recover` takes its steps back.
 */
export class Change {
  readonly #file: string;
  readonly #journal: Journal;
  readonly #operations: FileOperations;

  private constructor(file: string, journal: Journal, operations: FileOperations) {
    this.#file = file;
    this.#journal = journal;
    this.#operations = operations;
  }

  /** Writes the journal of all edits to come; none of them happens yet. Call `recover` before. */
  static async begin(
    stateDir: string,
    { operation, config }: { operation: string; config: string },
    edits: readonly FileEdit[],
    operations: FileOperations = fileOperations,
  ): Promise<Change> {
    const journal: Journal = {
      version: 1,
      pid: process.pid,
      operation,
      config,
      steps: await Promise.all(edits.map(stepOf)),
      newFolders: await missingFolders(edits),
    };
    const file = journalPath(stateDir);
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    await replaceFile(operations, file, Buffer.from(JSON.stringify(journal)), 0o600);
    return new Change(file, journal, operations);
  }

  /** Does some of the edits. A file that is no longer as the plan saw it is a conflict. */
  async apply(edits: readonly FileEdit[]): Promise<void> {
    for (const edit of edits) {
      const now = await readState(edit.path);
      if (!sameState(now, edit.before)) {
        throw new AppError('conflict', `${edit.path} was changed by somebody else meanwhile.`, {
          next: 'Run the command again.',
        });
      }
      const file = await resolveLinks(edit.path);
      await put(this.#operations, file, edit.after, edit.before?.mode);
    }
  }

  /** Removes folders that are empty now, deepest first. */
  async removeEmptyFolders(folders: readonly string[]): Promise<void> {
    for (const folder of folders) await this.#operations.removeFolder(folder);
  }

  async commit(): Promise<void> {
    await this.#operations.remove(this.#file);
  }

  /** Takes back what was done; returns the files that somebody else changed meanwhile and that stay as they are. */
  async revert(): Promise<string[]> {
    return await revertJournal(this.#file, this.#journal, this.#operations);
  }
}

/** What `recover` found: nothing, or an interrupted operation whose steps it took back. */
export interface Recovery {
  operation: string;
  /** The devcontainer.json it was about; absolute. */
  config: string;
  /** Files that were edited since the interruption and were left alone. */
  left: string[];
}

/** Takes back what an interrupted `add` or `remove` had done. One that still runs is a conflict. */
export async function recover(
  stateDir: string,
  operations: FileOperations = fileOperations,
): Promise<Recovery | undefined> {
  const file = journalPath(stateDir);
  const text = await readTextIfExists(file);
  if (text === undefined) return undefined;
  const value: unknown = JSON.parse(text);
  const journal = v.parse(journalSchema, value);
  if (journal.pid !== process.pid && isAlive(journal.pid)) {
    throw new AppError(
      'conflict',
      `Another ${journal.operation} is changing this workspace (process ${journal.pid}).`,
      {
        next: `Wait for it to end. If that process is not devcontainer-mcp, end it or wait, then run the command again (${file}).`,
      },
    );
  }
  const { operation, config } = journal;
  return { operation, config, left: await revertJournal(file, journal, operations) };
}

async function stepOf(edit: FileEdit): Promise<Journal['steps'][number]> {
  return { path: await resolveLinks(edit.path), before: store(edit.before), after: store(edit.after) };
}

async function revertJournal(file: string, journal: Journal, operations: FileOperations): Promise<string[]> {
  const left: string[] = [];
  for (const step of [...journal.steps].reverse()) {
    const [before, after] = [load(step.before), load(step.after)];
    await operations.remove(temporaryOf(step.path));
    const now = await readState(step.path);
    if (sameState(now, before)) continue;
    if (sameState(now, after)) await put(operations, step.path, before, undefined);
    else left.push(step.path);
  }
  for (const folder of [...journal.newFolders].reverse()) await operations.removeFolder(folder);
  await operations.remove(file);
  return left;
}

async function put(
  operations: FileOperations,
  file: string,
  state: FileState | undefined,
  modeNow: number | undefined,
): Promise<void> {
  if (state === undefined) {
    await operations.remove(file);
    return;
  }
  if (!(await exists(path.dirname(file)))) await operations.makeFolder(path.dirname(file));
  await replaceFile(operations, file, state.bytes, state.mode ?? modeNow);
}

async function replaceFile(
  operations: FileOperations,
  file: string,
  bytes: Uint8Array,
  mode: number | undefined,
): Promise<void> {
  const temporary = temporaryOf(file);
  await operations.write(temporary, bytes, mode);
  await operations.rename(temporary, file);
}

function temporaryOf(file: string): string {
  return `${file}.devcontainer-mcp.tmp`;
}

async function writeSynced(file: string, bytes: Uint8Array, mode: number | undefined): Promise<void> {
  const handle = await open(file, 'w', mode ?? 0o666);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (mode !== undefined) await chmod(file, mode);
}

async function removeIfEmpty(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(systemCode(error) ?? '')) throw error;
  }
}

async function missingFolders(edits: readonly FileEdit[]): Promise<string[]> {
  const missing = new Set<string>();
  for (const { path: file, after } of edits) {
    if (after === undefined) continue;
    for (let folder = path.dirname(file); !(await exists(folder)); folder = path.dirname(folder))
      missing.add(folder);
  }
  return [...missing].sort((left, right) => left.length - right.length);
}

function sameState(left: FileState | undefined, right: FileState | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  if (left.mode !== undefined && right.mode !== undefined && left.mode !== right.mode) return false;
  return left.bytes.equals(right.bytes);
}

function store(state: FileState | undefined): Journal['steps'][number]['before'] {
  return state === undefined ? null : { base64: state.bytes.toString('base64'), mode: state.mode ?? null };
}

function load(state: Journal['steps'][number]['before']): FileState | undefined {
  if (state === null) return undefined;
  return { bytes: Buffer.from(state.base64, 'base64'), mode: state.mode ?? undefined };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}
