import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError } from '../platform/errors';
import { readTextIfExists } from '../platform/files';
import { beginWork, createOwned, isUnderWay, Owner, release, takeOver } from '../platform/owned-file';
import type { FileOperations } from './file-operations';
import type { FileState } from './edits';

const storedState = v.nullable(v.object({ base64: v.string(), mode: v.nullable(v.number()) }));
type StoredState = v.InferOutput<typeof storedState>;

const journalSchema = v.object({
  version: v.literal(2),
  owner: Owner,
  operation: v.string(),
  config: v.string(),
  /** Part of the names of the change's temporary files. */
  temporary: v.optional(v.string(), 'devcontainer-gateway'),
  steps: v.array(v.object({ path: v.string(), before: storedState, after: storedState })),
  newFolders: v.array(v.string()),
});

/** Every step of a change, as it is written down before the first of them happens. */
export type Journal = v.InferOutput<typeof journalSchema>;

/** One file of a change, links resolved. */
export interface Step {
  path: string;
  before: FileState | undefined;
  after: FileState | undefined;
}

/** Where the journal of an unfinished change is kept. */
export function journalPath(stateDir: string): string {
  return path.join(stateDir, 'wiring', 'journal.json');
}

/** Writes a journal where there is none, and holds it for this process; one that is there already is a conflict. */
export async function createJournal(
  file: string,
  content: { operation: string; config: string; steps: readonly Step[]; newFolders: string[] },
  operations: FileOperations,
): Promise<Journal> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const journal: Journal = {
    ...content,
    version: 2,
    owner: await beginWork(),
    temporary: randomUUID(),
    steps: content.steps.map(({ path: at, before, after }) => ({
      path: at,
      before: store(before),
      after: store(after),
    })),
  };
  if (await held(createOwned(file, journal, operations), file, journal, operations)) return journal;
  const other = await readJournal(file);
  throw other === undefined ? beingChanged('change') : beingChanged(other.operation, other.owner.pid);
}

/** The journal of an unfinished change, of any process. If it cannot be read, the error says what to do. */
export async function readJournal(file: string): Promise<Journal | undefined> {
  const text = await readTextIfExists(file);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), journalSchema), text);
  if (parsed.success) return parsed.output;
  throw new AppError('invalid-file', `The journal of an interrupted change cannot be read: ${file}.`, {
    next: 'Check the files beside devcontainer.json, delete the journal and run the command again.',
  });
}

/** Makes the journal of a process that has ended this process's own. One of a living process is a conflict. */
export async function adoptJournal(
  file: string,
  journal: Journal,
  operations: FileOperations,
): Promise<Journal> {
  if (await isUnderWay(journal.owner)) throw beingChanged(journal.operation, journal.owner.pid);
  const adopted = { ...journal, owner: await beginWork() };
  const attempt = takeOver(file, journal.owner, adopted, operations);
  if (!(await held(attempt, file, adopted, operations))) throw beingChanged(journal.operation);
  return adopted;
}

/** Lets go of a journal: if it is still there, the next command, of any process, undoes its steps. */
export async function releaseJournal(
  file: string,
  journal: Journal,
  operations: FileOperations,
): Promise<void> {
  await release(file, journal, operations).catch(() => {
    // The caller that could not go on reports why the journal is still there. Other processes wait for the end of this one.
  });
}

/** The steps of a journal in their order. */
export function stepsOf(journal: Journal): Step[] {
  return journal.steps.map((step) => ({ ...step, before: load(step.before), after: load(step.after) }));
}

/** Lets go of a journal that did not become this process's own. */
async function held(
  attempt: Promise<boolean>,
  file: string,
  journal: Journal,
  operations: FileOperations,
): Promise<boolean> {
  let succeeded = false;
  try {
    succeeded = await attempt;
    return succeeded;
  } finally {
    if (!succeeded) await releaseJournal(file, journal, operations);
  }
}

function beingChanged(operation: string, pid?: number): AppError {
  const who = pid === undefined ? '' : pid === process.pid ? ' (in this process)' : ` (process ${pid})`;
  return new AppError('conflict', `Another ${operation} is changing this workspace${who}.`, {
    next: 'Run the command again when the other one has ended.',
  });
}

function store(state: FileState | undefined): StoredState {
  return state === undefined ? null : { base64: state.bytes.toString('base64'), mode: state.mode ?? null };
}

function load(state: StoredState): FileState | undefined {
  if (state === null) return undefined;
  return { bytes: Buffer.from(state.base64, 'base64'), mode: state.mode ?? undefined };
}
