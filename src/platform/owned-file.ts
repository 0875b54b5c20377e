import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { systemCode } from './errors';
import { exists, readTextIfExists } from './files';
import { isLiving, processIdentity } from './process-identity';

/** Who holds a file: a process, and one piece of its work. */
export const Owner = v.object({
  pid: v.number(),
  /** What tells the process from a later one of the same id; empty where the platform does not say. */
  identity: v.string(),
  /** What tells the work from others of the same process. */
  id: v.string(),
  /** The work has ended, though its process may live on. */
  ended: v.optional(v.literal(true)),
});
export type Owner = v.InferOutput<typeof Owner>;

/** A JSON file that one owner holds at a time. */
interface Owned {
  owner: Owner;
}

/** The file operations that this needs, one system call or so each. */
export interface OwnedFileOperations {
  write(file: string, bytes: Uint8Array, mode: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a finished file a second name; `EEXIST` when that name is taken. */
  link(from: string, to: string): Promise<void>;
  remove(file: string): Promise<void>;
}

/** The work that this process has under way. */
const underWay = new Set<string>();

/** An owner for a piece of work of this process, which goes on until `endWork`. */
export async function beginWork(): Promise<Owner> {
  const { pid } = process;
  const owner = { pid, identity: (await processIdentity(pid)) ?? '', id: randomUUID() };
  underWay.add(owner.id);
  return owner;
}

/** What the owner still holds is free for others of this process. */
export function endWork(owner: Owner): void {
  underWay.delete(owner.id);
}

/** Whether the work of an owner may still go on. */
export async function isUnderWay(owner: Owner): Promise<boolean> {
  if (owner.ended === true || !(await isLiving(owner))) return false;
  return owner.pid !== process.pid || underWay.has(owner.id);
}

/** Who holds a file; `undefined` when there is no such file, or it does not tell. */
export async function ownerOf(file: string): Promise<Owner | undefined> {
  const schema = v.pipe(v.string(), v.parseJson(), v.object({ owner: Owner }));
  const parsed = v.safeParse(schema, await readTextIfExists(file));
  return parsed.success ? parsed.output.owner : undefined;
}

/** Writes a file where there is none, whole for whoever reads it; `false` where there is one. */
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
 * Puts other content in the place of a file whose owner has ended. One alone of all who try at the same time does so;
 * `false` says that another is about to, or was first.
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
    // Who read the file before another took it over comes too late, and finds the claim free again.
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

/** Ends the work of the owner in `content`. A file that it still holds is free for others, of any process. */
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
 * Claims what an owner that has ended left. Where the one who claimed it has ended as well, that one's claim is claimed,
 * and so on. The file of the claim; `undefined` when another has it.
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

/** Claims to what others held before are of no use to anybody while a living owner holds the file. */
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

/** Where an owner writes its content first; a process that ends there leaves it behind. */
function temporaryOf(file: string, owner: Owner): string {
  return `${file}.${owner.id}.tmp`;
}
