import path from 'node:path';
import * as vscode from 'vscode';
import { clientKey, clients } from '../clients/clients';
import { nameOf } from '../views/nodes';
import { AppError } from '../platform/errors';
import type { FolderContext } from './command';
import { nodeIn } from './pick';

const { t } = vscode.l10n;

/** Copies the name of a row as clients use it: `server__tool`, a URI, a server. */
export async function copyName(_context: FolderContext, argument: unknown): Promise<void> {
  const node = nodeIn(argument);
  const name = node && nameOf(node);
  if (name === undefined)
    throw new AppError(
      'usage',
      t('Copy Name works on a server, tool, resource or prompt of the Gateway view.'),
    );
  await vscode.env.clipboard.writeText(name);
}

/**
 * Copies an entry that a client's configuration takes. It holds no token: inside the dev container the variables are set,
 * on the host the entry is a command that finds address and token.
 */
export async function copyConnection({ model, extensionPath }: FolderContext): Promise<void> {
  const manager = await model.manager();
  const bridge = {
    command: 'node',
    args: [path.join(extensionPath, 'dist', 'cli.js'), 'connect', '--workspace', model.folder],
  };
  const entry = model.place === 'container' ? clients[0]?.entry : bridge;
  await vscode.env.clipboard.writeText(JSON.stringify({ mcpServers: { [clientKey]: entry } }, null, 2));
  const where = await manager.address(AbortSignal.timeout(5000)).then(
    ({ url }) => url.href,
    () => t('the gateway, which is not running now'),
  );
  void vscode.window.setStatusBarMessage(t('Copied the connection to {0}.', where), 5000);
}
