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
  /** What it does, as the start of a sentence, such as "Switching servers". */
  doing: string;
  /** The command as it is typed on the host. */
  command: string;
  /** The way without the verb: one sentence. */
  otherwise: string;
}

/**
 * The `/api` of the selected gateway, with its admin token: the named one, else the one in the gateway's own state. Throws
 * `refused` inside the dev container, and `unauthorized` where there is no token.
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
      `${doing} does not work inside the dev container. It needs the admin token, which an agent there must not see.`,
      { next: `Run "${command}" on the host, in the folder of the workspace. ${otherwise}` },
    );
  throw new AppError('unauthorized', `${doing} needs the admin token, and no admin token was found.`, {
    next: `Pass its file with --admin-token-file, or set MCP_GATEWAY_ADMIN_TOKEN. ${otherwise}`,
  });
}

/** Does the work. A rejected admin token gets its own error; other failures stay as they are. */
export async function asAdmin<T>(work: Promise<T>, { otherwise }: AdminWords): Promise<T> {
  return await work.catch((error: unknown) => {
    if (!(error instanceof AppError) || !['unauthorized', 'refused'].includes(error.code)) throw error;
    throw new AppError(error.code, 'The gateway rejected the admin token.', {
      next: `Pass the file admin-token of the gateway's state folder with --admin-token-file. ${otherwise}`,
      cause: error,
    });
  });
}
