import * as vscode from 'vscode';
import { sidecar } from '../devcontainer/sidecar';
import { tokenInFile } from '../gateway/resolve/token';
import { messageOf } from '../platform/errors';
import type { Logger } from '../platform/log';
import type { GatewayModel } from './model';

/**
 * In a fresh clone the dev container was created before the token file was there, so its environment lacks the token.
 * The gateway publishes it in a volume: new terminals get it from there at once, and the file is written for next time.
 */
export function shareWithTerminals(
  model: GatewayModel,
  variables: vscode.GlobalEnvironmentVariableCollection,
  log: Logger,
): vscode.Disposable {
  // Not kept by the editor: the token must not be in the editor's own storage.
  variables.persistent = false;
  variables.description = vscode.l10n.t(
    'The address and token of the MCP gateway beside this dev container.',
  );
  let done = false;
  const share = async (): Promise<void> => {
    const { env } = model.options;
    if (done || model.place !== 'container' || env[sidecar.tokenVariable]) return;
    const token = await tokenInFile(sidecar.tokenMountFile);
    if (token === undefined) return;
    done = true;
    variables.replace(sidecar.tokenVariable, token);
    if (!env[sidecar.urlVariable]) variables.replace(sidecar.urlVariable, sidecar.url);
    // Planning comes with it: loaded only in a fresh clone.
    const { writeTokenFiles } = await import('./token-files');
    await writeTokenFiles(model.folder, token);
  };
  const shareOrLog = (): void => {
    share().catch((error: unknown) => log.log('warn', `the token could not be shared: ${messageOf(error)}`));
  };
  return vscode.Disposable.from(model.onChange(shareOrLog), { dispose: () => variables.clear() });
}
