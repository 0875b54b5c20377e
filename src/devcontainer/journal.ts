import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { AppError, systemCode } from '../platform/errors';
import { readTextIfExists } from '../platform/files';
import { isLiving, processIdentity } from '../platform/process-identity';
import type { FileOperations } from './file-operations';
import type { FileState } from './plan';

const storedState = v.nullable(v.object({ base64: v.string(), mode: v.nullable(v.number()) }));
type StoredState = v.InferOutput<typeof storedState>;

const ownerSchema = v.object({
  pid: v.number(),
  /** What tells the process from a later one of the same id; empty where the platform does not say. */
  identity: v.string(),
  /** What tells the change from others of the same process. */
  id: v.string(),
});
type Owner = v.InferOutput<typeof ownerSchema>;

const journalSchema = v.object({
  version: v.literal(2),
  owner: ownerSchema,
  operation: v.string(),
  config: v.string(),
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

/** The changes that this process has under way. */
const underWay = new Set<string>();

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
  const journal: Journal = {
    ...content,
    version: 2,
    owner: await newOwner(),
    steps: content.steps.map(({ path: at, before, after }) => ({
      path: at,
      before: store(before),
      after: store(after),
    })),
  };
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  underWay.add(journal.owner.id);
  try {
    await writeTemporary(file, journal, operations);
    await operations.link(temporaryOf(file, journal), file);
    await operations.remove(temporaryOf(file, journal));
    return journal;
  } catch (error) {
    releaseJournal(journal);
    await operations.remove(temporaryOf(file, journal));
    if (systemCode(error) !== 'EEXIST') throw error;
    const other = await readJournal(file);
    throw other === undefined ? beingChanged('change') : beingChanged(other.operation, other.owner.pid);
  }
}

/** The journal of an unfinished change, whoever makes it. One that cannot be read is an error that says what to do. */
export async function readJournal(file: string): Promise<Journal | undefined> {
  const text = await readTextIfExists(file);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), journalSchema), text);
  if (parsed.success) return parsed.output;
  throw new AppError('invalid-file', `The journal of an interrupted change cannot be read: ${file}`, {
    next: 'Look through the files beside devcontainer.json, delete the journal and run the command again.',
  });
}

/** Makes the journal of a process that has ended this process's own. One of a living process is a conflict. */
export async function adoptJournal(
  file: string,
  journal: Journal,
  operations: FileOperations,
): Promise<Journal> {
  if (await isHeld(journal.owner)) throw beingChanged(journal.operation, journal.owner.pid);
  await operations.remove(temporaryOf(file, journal));
  const adopted = { ...journal, owner: await newOwner() };
  underWay.add(adopted.owner.id);
  try {
    await writeTemporary(file, adopted, operations);
    await operations.rename(temporaryOf(file, adopted), file);
    // Of two that adopt at once the later one has it.
    const held = await readJournal(file);
    if (held?.owner.id !== adopted.owner.id) throw beingChanged(journal.operation, held?.owner.pid);
    return adopted;
  } catch (error) {
    releaseJournal(adopted);
    await operations.remove(temporaryOf(file, adopted));
    throw error;
  }
}

/** Lets go of a journal: when it is still there, the next command takes its steps back, of this process too. */
export function releaseJournal(journal: Journal): void {
  underWay.delete(journal.owner.id);
}

/** The steps of a journal in their order. */
export function stepsOf(journal: Journal): Step[] {
  return journal.steps.map((step) => ({ ...step, before: load(step.before), after: load(step.after) }));
}

async function newOwner(): Promise<Owner> {
  const { pid } = process;
  return { pid, identity: (await processIdentity(pid)) ?? '', id: randomUUID() };
}

async function isHeld(owner: Owner): Promise<boolean> {
  return (await isLiving(owner)) && (owner.pid !== process.pid || underWay.has(owner.id));
}

async function writeTemporary(file: string, journal: Journal, operations: FileOperations): Promise<void> {
  await operations.write(temporaryOf(file, journal), Buffer.from(JSON.stringify(journal)), 0o600);
}

function temporaryOf(file: string, journal: Journal): string {
  return `${file}.${journal.owner.id}.tmp`;
}

function beingChanged(operation: string, pid?: number): AppError {
  const who = pid === undefined ? '' : pid === process.pid ? ' (in this process)' : ` (process ${pid})`;
  return new AppError('conflict', `Another ${operation} is changing this workspace${who}.`, {
    next: 'Run the command again when that one has ended.',
  });
}

function store(state: FileState | undefined): StoredState {
  return state === undefined ? null : { base64: state.bytes.toString('base64'), mode: state.mode ?? null };
}

function load(state: StoredState): FileState | undefined {
  if (state === null) return undefined;
  return { bytes: Buffer.from(state.base64, 'base64'), mode: state.mode ?? undefined };
}
