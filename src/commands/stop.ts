import * as vscode from 'vscode';
import { withProgress, type FolderContext } from './command';

/** Stops the gateway; its state, token and caches stay. */
export async function stop({ model, log }: FolderContext): Promise<void> {
  const manager = await model.manager();
  await withProgress(
    vscode.l10n.t('Stopping the MCP gateway'),
    log,
    async (options) => await manager.down(options),
  );
}
