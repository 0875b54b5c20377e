import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { systemCode } from './errors';
import { exists, readTextIfExists } from './files';
import { isLiving, processIdentity } from './process-identity';

/** The owner of a file: a process, and one task of that process. */
export const Owner = v.object({
  pid: v.number(),
  /** Differs from the identity of a later process with the same id. Empty where the platform does not provide one. */
  identity: v.string(),
  /** Identifies the task among the tasks of the same process. */
  id: v.string(),
  /** The task has ended, although its process may still run. */
  ended: v.optional(v.literal(true)),
});
export type Owner = v.InferOutput<typeof Owner>;

/** The content of a JSON file that has one owner at a time. */
interface Owned {
  owner: Owner;
}

/** The file operations that this module needs. Each is about one system call. */
export interface OwnedFileOperations {
  write(file: string, bytes: Uint8Array, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a finished file a second name. Throws `EEXIST` when that name is taken. */
  link(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
}

/** The tasks of this process that are in progress. */
const underWay = new Set<string>();

/** An owner for a task of this process. The task lasts until `endWork`. */
export async function beginWork(): Promise<Owner> {
  const { pid } = process;
  const owner = { pid, identity: (await processIdentity(pid)) ?? '', id: randomUUID() };
  underWay.add(owner.id);
  return owner;
}

/** Ends the task: other tasks of this process may take the files that the owner still has. */
export function endWork(owner: Owner): void {
  underWay.delete(owner.id);
}

/** Whether the task of an owner may still be in progress. */
export async function isUnderWay(owner: Owner): Promise<boolean> {
  if (owner.ended === true || !(await isLiving(owner))) return false;
  return owner.pid !== process.pid || underWay.has(owner.id);
}

/** The owner of a file. `undefined` when there is no such file, or it names no owner. */
export async function ownerOf(file: string): Promise<Owner | undefined> {
  const schema = v.pipe(v.string(), v.parseJson(), v.object({ owner: Owner }));
  const parsed = v.safeParse(schema, await readTextIfExists(file));
  return parsed.success ? parsed.output.owner : undefined;
}

/** Creates a file, complete from the first moment that it can be read. Returns `false` when the file already exists. */
export async function createOwned(
  file: string,
  content: Owned,
  operations: OwnedFileOperations,
): Promise<boolean> {
  if (await exists(file)) return false;
  return await withTemporary(file, content, operations, async (temporary) => {
    try {
      await operations.link(temporary, file);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

/**
 * Replaces the content of a file whose owner has ended. When several try at the same time, exactly one succeeds. Returns
 * `false` when another one was first or is about to do it.
 */
export async function takeOver(
  file: string,
  ended: Owner,
  content: Owned,
  operations: OwnedFileOperations,
): Promise<boolean> {
  const claim = await claimed(file, ended, content.owner, operations);
  if (claim === undefined) return false;
  try {
    // The file may have been taken over after we read it. Its owner is then another one, and the claim is free again.
    if ((await ownerOf(file))?.id !== ended.id) return false;
    await withTemporary(file, content, operations, async (temporary) => {
      await operations.rename(temporary, file);
    });
  } finally {
    await operations.remove(claim);
  }
  await removeClaims(file, operations);
  await operations.remove(temporaryOf(file, ended));
  return true;
}

/** Ends the task of the owner in `content`. A file that it still owns becomes free for any process. */
export async function release(file: string, content: Owned, operations: OwnedFileOperations): Promise<void> {
  const { owner } = content;
  try {
    if ((await ownerOf(file))?.id !== owner.id) return;
    const left: Owned = { ...content, owner: { ...owner, ended: true } };
    await withTemporary(file, left, operations, async (temporary) => {
      await operations.rename(temporary, file);
    });
  } finally {
    endWork(owner);
  }
}

/**
 * Claims the file that an ended owner left behind. When the process that claimed it has ended too, claims that claim, and
 * so on. Returns the file of the claim, or `undefined` when another owner has it.
 */
async function claimed(
  file: string,
  ended: Owner,
  owner: Owner,
  operations: OwnedFileOperations,
): Promise<string | undefined> {
  for (let last = ended; ;) {
    const claim = `${file}.${last.id}.claim`;
    if (await createOwned(claim, { owner }, operations)) return claim;
    const claimant = await ownerOf(claim);
    if (claimant === undefined || (await isUnderWay(claimant))) return undefined;
    last = claimant;
  }
}

/** Removes old claims: they have no use once a running owner has the file. */
async function removeClaims(file: string, operations: OwnedFileOperations): Promise<void> {
  const folder = path.dirname(file);
  for (const name of await readdir(folder))
    if (name.startsWith(`${path.basename(file)}.`) && name.endsWith('.claim'))
      await operations.remove(path.join(folder, name));
}

async function withTemporary<T>(
  file: string,
  content: Owned,
  operations: OwnedFileOperations,
  work: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = temporaryOf(file, content.owner);
  try {
    await operations.write(temporary, Buffer.from(JSON.stringify(content)), 0o600);
    return await work(temporary);
  } finally {
    await operations.remove(temporary);
  }
}

/** The temporary file of an owner. A process that ends while it writes leaves this file behind. */
function temporaryOf(file: string, owner: Owner): string {
  return `${file}.${owner.id}.tmp`;
}
