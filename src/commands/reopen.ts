import * as vscode from 'vscode';
import type { ComposeDevContainer } from '../devcontainer/read';
import type { Place } from '../editor/place';
import { findEngine, thisMachine } from '../gateway/engine/endpoint';

const { t } = vscode.l10n;

/**
 * After wiring: the dev container learns of its gateway when it is created again. Offered only if one is running;
 * otherwise a message says that the next opening is enough.
 */
export async function offerReopen(container: ComposeDevContainer, place: Place): Promise<void> {
  const known = await vscode.commands.getCommands(true);
  const rebuild = 'remote-containers.rebuildAndReopenInContainer';
  const running = place === 'container' || (await appRuns(container));
  if (!running) {
    void vscode.window.showInformationMessage(
      t('The MCP gateway is added. The dev container finds it the next time it is opened.'),
    );
    return;
  }
  const id = place === 'container' ? 'remote-containers.rebuildContainer' : rebuild;
  const message = t('The MCP gateway is added. The running dev container finds it after a rebuild.');
  const action = t('Rebuild');
  const answer = await vscode.window.showInformationMessage(message, ...(known.includes(id) ? [action] : []));
  if (answer === action) await vscode.commands.executeCommand(id);
}

/** Whether the container of the dev container itself exists and runs. */
async function appRuns(container: ComposeDevContainer): Promise<boolean> {
  const runtime = await findEngine(thisMachine());
  if (runtime.kind === 'none') return false;
  const labels = [
    `com.docker.compose.project=${container.projectName}`,
    `com.docker.compose.service=${container.service}`,
  ];
  const found = await runtime.listContainers(labels).catch(() => []);
  return found.some(({ status }) => status === 'running');
}
