import * as vscode from 'vscode';
import { withProgress, type FolderContext } from './command';
import { requireUp } from './start';

/** Restarts the gateway and waits until its servers have settled. */
export async function restart({ model, log }: FolderContext): Promise<void> {
  const manager = await model.manager();
  const { state } = await withProgress(
    vscode.l10n.t('Restarting the MCP gateway'),
    log,
    async (options) => await manager.restart(options),
  );
  requireUp(state);
}
