import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { fileOperations } from '../../devcontainer/file-operations';
import { AppError } from '../../platform/errors';
import {
  beginWork,
  createOwned,
  endWork,
  isUnderWay,
  type Owner,
  ownerOf,
  takeOver,
} from '../../platform/owned-file';

const waitMs = 30_000;

/**
 * Runs work while nobody else does any under this lock file, in this process or another; its folder must be there. The
 * lock of a process that has ended is taken over. Throws `conflict` when it is not free within 30 seconds.
 */
export async function whileLocked<T>(file: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const owner = await beginWork();
  try {
    await acquire(file, owner, signal);
    try {
      return await work();
    } finally {
      await rm(file, { force: true });
    }
  } finally {
    endWork(owner);
  }
}

async function acquire(file: string, owner: Owner, signal: AbortSignal): Promise<void> {
  for (const end = Date.now() + waitMs; Date.now() < end;) {
    if (await createOwned(file, { owner }, fileOperations)) return;
    const other = await ownerOf(file);
    if (other && !(await isUnderWay(other)) && (await takeOver(file, other, { owner }, fileOperations)))
      return;
    await delay(50, undefined, { signal });
  }
  throw new AppError('conflict', 'Another command has been starting this gateway for 30 seconds.', {
    next: `Run the command again when the other one has ended. If there is no other one, delete ${file}.`,
  });
}
