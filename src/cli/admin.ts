import { namedAdminToken } from '../gateway/resolve/admin-token';
import { partOf, type AdminPart } from '../gateway/kind';
import { isInside } from '../gateway/resolve/inside';
import { AppError } from '../platform/errors';
import type { CliIo } from './io';
import { openManager, type ManagerOptions } from './manager';

/** Options of the verbs that take the admin token. */
export interface AdminOptions extends ManagerOptions {
  adminTokenFile?: string;
}

/** How a verb says that it cannot do its work. */
export interface AdminWords {
  /** What it does, such as "switching servers". */
  doing: string;
  /** The command as it is typed on the host. */
  command: string;
  /** The way without the verb: one sentence. */
  otherwise: string;
}

/**
 * The `/api` of the gateway that the options mean, with its admin token: the named one, else that of the gateway's own
 * state. Throws `refused` inside the dev container, and `unauthorized` where there is none.
 */
export async function openAdminApi(io: CliIo, options: AdminOptions, words: AdminWords): Promise<AdminPart> {
  const named = await namedAdminToken(options.adminTokenFile, io);
  const manager = await openManager(io, options);
  const token = named ?? (await manager.adminToken(io.signal));
  const admin = partOf(manager.kind, 'admin');
  if (token !== undefined) return admin({ ...(await manager.address(io.signal)), token });
  const { doing, command, otherwise } = words;
  if (isInside(io.env))
    throw new AppError(
      'refused',
      `${doing} is not for the inside of the dev container: it takes the admin token, which an agent in it must not see`,
      { next: `Run "${command}" on the host, in the folder of the workspace. ${otherwise}` },
    );
  throw new AppError('unauthorized', `${doing} takes the admin token, and none was found`, {
    next: `Pass its file by --admin-token-file, or set MCP_GATEWAY_ADMIN_TOKEN. ${otherwise}`,
  });
}

/** Does the work; that the gateway does not take the admin token is said so, other failures are as they were. */
export async function asAdmin<T>(work: Promise<T>, { otherwise }: AdminWords): Promise<T> {
  return await work.catch((error: unknown) => {
    if (!(error instanceof AppError) || !['unauthorized', 'refused'].includes(error.code)) throw error;
    throw new AppError(error.code, 'the gateway does not take this for its admin token', {
      next: `Pass the file admin-token of the gateway's state folder by --admin-token-file. ${otherwise}`,
      cause: error,
    });
  });
}
