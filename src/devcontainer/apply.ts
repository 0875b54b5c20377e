import path from 'node:path';
import { AppError } from '../platform/errors';
import { exists } from '../platform/files';
import { isWithin, realPathOf } from '../platform/real-path';
import { type FileOperations, fileOperations, put, temporaryOf } from './file-operations';
import { readState, sameBytes, sameState } from './file-states';
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
import { requireWithin } from './write-targets';

/**
 * Several files changed as one: a journal outside the workspace holds every file as it was, until `commit`.
 * If the process ends before that, the journal stays, and `recover` undoes its steps.
 */
export class JournaledChange {
  readonly #file: string;
  readonly #journal: Journal;
  readonly #operations: FileOperations;
  readonly #where: Where;
  /** What this change has done, or had begun to do. */
  readonly #done: Step[] = [];

  private constructor(where: Where, journal: Journal, operations: FileOperations) {
    this.#where = where;
    this.#file = journalPath(where.stateDir);
    this.#journal = journal;
    this.#operations = operations;
  }

  /**
   * Writes the journal of all edits to come; none of them happens yet. Call `recover` before. A file that is no longer
   * as the plan saw it, or another change in progress, is a conflict that leaves everything as it is. A file that is
   * not really in one of `folders`, real paths, is refused.
   */
  static async begin(
    stateDir: string,
    { operation, config, folders }: { operation: string; config: string; folders?: readonly string[] },
    edits: readonly FileEdit[],
    operations: FileOperations = fileOperations,
  ): Promise<JournaledChange> {
    const where = { stateDir, folders };
    const steps = await Promise.all(edits.map(async (edit) => await stepOf(edit, where)));
    // Before there is a journal: undoing it must not touch the work of another command.
    for (const edit of edits) await requireUnchanged(edit);
    const content = { operation, config, steps, newFolders: await missingFolders(steps) };
    const journal = await createJournal(journalPath(stateDir), content, operations);
    return new JournaledChange(where, journal, operations);
  }

  /** Does some of the edits. A file that is no longer as the plan saw it is a conflict. */
  async apply(edits: readonly FileEdit[]): Promise<void> {
    for (const edit of edits) {
      const step = await stepOf(edit, this.#where);
      await requireUnchanged(edit);
      this.#done.push(step);
      await put(this.#operations, step.path, edit.after, {
        modeNow: edit.before?.mode,
        temporary: temporaryOf(step.path, this.#journal.temporary),
      });
    }
  }

  /** Removes folders that are empty now, deepest first. A link to such a folder stays. */
  async removeEmptyFolders(folders: readonly string[]): Promise<void> {
    for (const folder of folders) await this.#operations.removeFolder(await realPathOf(folder));
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

/** The state folder, and the real folders that all other files have to lie in; without them they may lie anywhere. */
interface Where {
  stateDir: string;
  folders: readonly string[] | undefined;
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

/** The step of an edit: on the file behind links, because a replaced file must not turn the user's link into a file. */
async function stepOf({ path: file, before, after }: FileEdit, { folders, stateDir }: Where): Promise<Step> {
  const ours = folders === undefined || isWithin(stateDir, file);
  return { path: ours ? await realPathOf(file) : await requireWithin(file, folders), before, after };
}

async function takeBack(
  file: string,
  { newFolders, temporary: change }: Journal,
  steps: readonly Step[],
  operations: FileOperations,
): Promise<string[]> {
  const left: string[] = [];
  for (const step of [...steps].reverse()) {
    // A link that came since leads elsewhere.
    if ((await realPathOf(step.path)) !== step.path) {
      left.push(step.path);
      continue;
    }
    const temporary = temporaryOf(step.path, change);
    await operations.remove(temporary);
    const now = await readState(step.path);
    if (sameState(now, step.before) || keepsIgnored(step.path, left)) continue;
    // A file system may ignore the requested mode, so only the bytes identify our own file.
    if (sameBytes(now, step.after))
      await put(operations, step.path, step.before, { modeNow: undefined, temporary });
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

async function missingFolders(steps: readonly Step[]): Promise<string[]> {
  const missing = new Set<string>();
  for (const { path: file, after } of steps) {
    if (after === undefined) continue;
    for (let folder = path.dirname(file); !(await exists(folder)); folder = path.dirname(folder))
      missing.add(folder);
  }
  return [...missing].sort((left, right) => left.length - right.length);
}
