import path from 'node:path';
import { AppError } from '../platform/errors';
import { exists } from '../platform/files';
import { type FileOperations, fileOperations, put, temporaryOf } from './file-operations';
import { readState, resolveLinks, sameBytes, sameState } from './file-states';
import {
  adoptJournal,
  createJournal,
  type Journal,
  journalPath,
  readJournal,
  releaseJournal,
  type Step,
  stepsOf,
} from './journal';
import type { FileEdit } from './edits';

/**
 * Several files changed as one: a journal outside the workspace holds every file as it was, until `commit`.
 * If the process ends before that, the journal stays, and `recover` undoes its steps.
 */
export class JournaledChange {
  readonly #file: string;
  readonly #journal: Journal;
  readonly #operations: FileOperations;
  /** What this change has done, or had begun to do. */
  readonly #done: Step[] = [];

  private constructor(file: string, journal: Journal, operations: FileOperations) {
    this.#file = file;
    this.#journal = journal;
    this.#operations = operations;
  }

  /**
   * Writes the journal of all edits to come; none of them happens yet. Call `recover` before. A file that is no longer
   * as the plan saw it, or another change in progress, is a conflict that leaves everything as it is.
   */
  static async begin(
    stateDir: string,
    { operation, config }: { operation: string; config: string },
    edits: readonly FileEdit[],
    operations: FileOperations = fileOperations,
  ): Promise<JournaledChange> {
    // Before there is a journal: undoing it must not touch the work of another command.
    for (const edit of edits) await requireUnchanged(edit);
    const steps = await Promise.all(edits.map(stepOf));
    const content = { operation, config, steps, newFolders: await missingFolders(edits) };
    const file = journalPath(stateDir);
    return new JournaledChange(file, await createJournal(file, content, operations), operations);
  }

  /** Does some of the edits. A file that is no longer as the plan saw it is a conflict. */
  async apply(edits: readonly FileEdit[]): Promise<void> {
    for (const edit of edits) {
      await requireUnchanged(edit);
      const step = await stepOf(edit);
      this.#done.push(step);
      await put(this.#operations, step.path, edit.after, edit.before?.mode);
    }
  }

  /** Removes folders that are empty now, deepest first. */
  async removeEmptyFolders(folders: readonly string[]): Promise<void> {
    for (const folder of folders) await this.#operations.removeFolder(folder);
  }

  async commit(): Promise<void> {
    await this.#end(async () => await this.#operations.remove(this.#file));
  }

  /** Undoes what was done. Returns the files that were changed in the meantime and stay as they are. */
  async revert(): Promise<string[]> {
    return await this.#end(
      async () => await takeBack(this.#file, this.#journal, this.#done, this.#operations),
    );
  }

  async #end<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await releaseJournal(this.#file, this.#journal, this.#operations);
    }
  }
}

/** What `recover` found: nothing, or an interrupted operation whose steps it undid. */
export interface Recovery {
  operation: string;
  /** The devcontainer.json it was about; absolute. */
  config: string;
  /** Files that were edited since the interruption and were left alone. */
  left: string[];
}

/** Undoes what an interrupted `add` or `remove` had done. One that still runs is a conflict. */
export async function recover(
  stateDir: string,
  operations: FileOperations = fileOperations,
): Promise<Recovery | undefined> {
  const file = journalPath(stateDir);
  const found = await readJournal(file);
  if (found === undefined) return undefined;
  const journal = await adoptJournal(file, found, operations);
  try {
    const { operation, config } = journal;
    return { operation, config, left: await takeBack(file, journal, stepsOf(journal), operations) };
  } finally {
    await releaseJournal(file, journal, operations);
  }
}

async function requireUnchanged(edit: FileEdit): Promise<void> {
  if (sameState(await readState(edit.path), edit.before)) return;
  throw new AppError('conflict', `${edit.path} was changed in the meantime.`, {
    next: 'Run the command again.',
  });
}

async function stepOf({ path: file, before, after }: FileEdit): Promise<Step> {
  return { path: await resolveLinks(file), before, after };
}

async function takeBack(
  file: string,
  { newFolders }: Journal,
  steps: readonly Step[],
  operations: FileOperations,
): Promise<string[]> {
  const left: string[] = [];
  for (const step of [...steps].reverse()) {
    await operations.remove(temporaryOf(step.path));
    const now = await readState(step.path);
    if (sameState(now, step.before) || keepsIgnored(step.path, left)) continue;
    // A file system may ignore the requested mode, so only the bytes identify our own file.
    if (sameBytes(now, step.after)) await put(operations, step.path, step.before, undefined);
    else left.push(step.path);
  }
  for (const folder of [...newFolders].reverse()) await operations.removeFolder(folder);
  await operations.remove(file);
  return left;
}

/** Whether a file keeps others, which stay, out of Git: a token among them would be committed. */
function keepsIgnored(file: string, left: readonly string[]): boolean {
  const folder = path.dirname(file);
  return path.basename(file) === '.gitignore' && left.some((other) => path.dirname(other) === folder);
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
