import path from 'node:path';
import { AppError } from '../../platform/errors';
import { checkedToken, tokenInFile } from './token';

/** The file in a gateway's state that holds the token for changes. */
export const adminTokenFile = 'admin-token';

/** The variable by which a person names that token. */
export const adminTokenVariable = 'MCP_GATEWAY_ADMIN_TOKEN';

/** The admin token that the user names: the file, which must be there, else the variable. */
export async function namedAdminToken(
  file: string | undefined,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<string | undefined> {
  if (file === undefined) return checkedToken(env[adminTokenVariable]?.trim() ?? '', adminTokenVariable);
  const resolved = path.resolve(cwd, file);
  const token = await tokenInFile(resolved);
  if (token !== undefined) return token;
  throw new AppError('not-found', `The file ${resolved} does not exist or holds no token.`, {
    next: 'Name the file with the admin token: --admin-token-file FILE.',
  });
}
