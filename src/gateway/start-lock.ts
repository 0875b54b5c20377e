import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import * as v from 'valibot';
import { AppError, systemCode } from '../platform/errors';
import { linkOrCopy, readTextIfExists } from '../platform/files';
import { isLiving, processIdentity } from '../platform/process-identity';

const Owner = v.object({ pid: v.number(), identity: v.string(), id: v.string() });
type Owner = v.InferOutput<typeof Owner>;

const waitMs = 30_000;

/**
 * Runs work while nobody else does any under this lock file, in this process or another; its folder must be there. The
 * lock of a process that has ended is taken over. Throws `conflict` when it is not free within 30 seconds.
 */
export async function whileLocked<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  await acquire(file, signal);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function acquire(file: string, signal: AbortSignal): Promise<void> {
  const { pid } = process;
  const owner: Owner = { pid, identity: (await processIdentity(pid)) ?? '', id: randomUUID() };
  const temporary = `${file}.${owner.id}.tmp`;
  await writeFile(temporary, JSON.stringify(owner), { mode: 0o600 });
  try {
    for (const end = Date.now() + waitMs; Date.now() < end;) {
      if (await linked(temporary, file)) return;
      const other = await ownerOf(file);
      if (other && !(await isLiving(other))) {
        await rename(temporary, file);
        // Of two that take it over at once the later one has it.
        if ((await ownerOf(file))?.id === owner.id) return;
        await writeFile(temporary, JSON.stringify(owner), { mode: 0o600 });
      }
      await delay(50, undefined, { signal });
    }
  } finally {
    await rm(temporary, { force: true });
  }
  throw new AppError('conflict', 'another command has been starting this gateway for 30 seconds', {
    next: `Run the command again when that one has ended; where there is none, delete ${file}.`,
  });
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await linkOrCopy(from, to);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function ownerOf(file: string): Promise<Owner | undefined> {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Owner), await readTextIfExists(file));
  return parsed.success ? parsed.output : undefined;
}
