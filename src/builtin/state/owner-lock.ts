import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import * as v from 'valibot';
import { AppError, systemCode } from '../../platform/errors';
import { linkOrCopy, readTextIfExists } from '../../platform/files';
import {
  beginWork,
  createOwned,
  isUnderWay,
  Owner,
  release,
  takeOver,
  type OwnedFileOperations,
} from '../../platform/owned-file';
import { keepAside } from './damaged-file';
import { storageError } from './storage-error';

const Content = v.object({
  owner: Owner,
  startedAt: v.string(),
  /** The name of a socket beside the file, on which the owner listens. `null` where it has none. */
  socket: v.nullable(v.string()),
});
type Content = v.InferOutput<typeof Content>;

const operations: OwnedFileOperations = {
  write: async (file, bytes, mode) => await writeFile(file, bytes, { mode, flag: 'wx' }),
  rename,
  link: linkOrCopy,
  remove: async (file) => await rm(file, { force: true }),
};

/** A state folder that no other gateway has. */
export interface OwnerLock {
  release(): Promise<void>;
}

/** How often a file that changes under our hands is read again. */
const tries = 5;

/**
 * Takes the state folder for this process. Two gateways on one folder would lose each other's changes, so the second one
 * gets `conflict`, which names the process that has it. Throws `storage` when the folder cannot be written.
 *
 * The owner listens on a socket in the folder. The kernel closes it with the process, also in another container, where
 * process ids say nothing. Where the folder can have no socket, the id and the start of the process decide.
 */
export async function lockState(folder: string, name = 'owner'): Promise<OwnerLock> {
  const lock = await tryLockState(folder, name);
  if ('release' in lock) return lock;
  const { owner, startedAt } = lock.held;
  throw new AppError(
    'conflict',
    `The state folder ${folder} is in use by another gateway: process ${String(owner.pid)}, which started at ${startedAt}.`,
    { next: 'Stop that gateway, or choose another folder with --state.' },
  );
}

/** As {@link lockState}, but returns who has the folder instead of an error. */
export async function tryLockState(
  folder: string,
  name = 'owner',
): Promise<OwnerLock | { held: { owner: Owner; startedAt: string } }> {
  const file = path.join(folder, name);
  const owner = await beginWork();
  const socketName = `${name}.${owner.id}.sock`;
  const socket = await listen(path.join(folder, socketName));
  const content: Content = {
    owner,
    startedAt: new Date().toISOString(),
    socket: socket === undefined ? null : socketName,
  };
  const leave = async (): Promise<void> => {
    await close(socket);
    await operations.remove(path.join(folder, socketName));
  };
  try {
    const held = await taken(file, content);
    if (held !== undefined) {
      await leave();
      return { held };
    }
    await removeOldSockets(folder, name, socketName);
  } catch (error) {
    await leave();
    throw storageError(file, error);
  }
  return {
    release: async () => {
      await release(file, content, operations);
      await leave();
    },
  };
}

/** Takes the file. Returns its content when a running gateway has it. */
async function taken(file: string, content: Content): Promise<Content | undefined> {
  let held: Content | undefined;
  for (let i = 0; i < tries; i += 1) {
    if (await createOwned(file, content, operations)) return undefined;
    held = await contentOf(file);
    if (held === undefined) continue;
    if (await isHeld(path.dirname(file), held)) return held;
    if (await takeOver(file, held.owner, content, operations)) return undefined;
  }
  return held;
}

/** `undefined` when the file is gone. A damaged file is put aside: it names no owner. */
async function contentOf(file: string): Promise<Content | undefined> {
  const text = await readTextIfExists(file);
  if (text === undefined) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Content), text);
  if (parsed.success) return parsed.output;
  await keepAside(file);
  return undefined;
}

async function isHeld(folder: string, { owner, socket }: Content): Promise<boolean> {
  if (owner.ended === true) return false;
  return socket === null ? await isUnderWay(owner) : await answers(path.join(folder, path.basename(socket)));
}

/** Whether a process listens there. An error of another kind counts as yes. */
async function answers(file: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const connection = connect(file);
    connection.on('connect', () => {
      connection.destroy();
      resolve(true);
    });
    connection.on('error', (error) => resolve(!['ECONNREFUSED', 'ENOENT'].includes(systemCode(error) ?? '')));
  });
}

/** `undefined` where there can be no socket: on Windows, on some mounts, and where the path is too long for one. */
async function listen(file: string): Promise<Server | undefined> {
  if (process.platform === 'win32') return undefined;
  return await new Promise((resolve) => {
    const server = createServer((connection) => connection.destroy());
    server.on('error', () => resolve(undefined));
    server.listen(file, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function close(server: Server | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    if (server === undefined) resolve();
    else server.close(() => resolve());
  });
}

/** The sockets of gateways that were killed. */
async function removeOldSockets(folder: string, name: string, own: string): Promise<void> {
  for (const entry of await readdir(folder))
    if (entry.startsWith(`${name}.`) && entry.endsWith('.sock') && entry !== own)
      await operations.remove(path.join(folder, entry));
}
