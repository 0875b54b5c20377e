import path from 'node:path';
import * as vscode from 'vscode';
import { removeJsonValue, setJsonValue } from '../platform/jsonc/edit';
import { sidecar } from '../devcontainer/sidecar';
import { requireWithin } from '../devcontainer/write-targets';
import type { GatewayModel } from '../editor/model';
import { isAnswering } from '../gateway/watch/state';
import { AppError } from '../platform/errors';
import { exists } from '../platform/files';
import { isWithin, realPathOf } from '../platform/real-path';
import type { FolderContext } from './command';
import { pickServer } from './pick';

const { t } = vscode.l10n;

/** Opens the file that says which servers are behind the gateway. */
export async function openServersFile({ model }: FolderContext): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(await serversFile(model)));
  await vscode.window.showTextDocument(document);
}

export async function enableServer({ model }: FolderContext, argument: unknown): Promise<void> {
  await setEnabled(model, (await pickServer(model, argument, ({ enabled }) => !enabled)).name, true);
}

export async function disableServer({ model }: FolderContext, argument: unknown): Promise<void> {
  await setEnabled(model, (await pickServer(model, argument, ({ enabled }) => enabled)).name, false);
}

/** Writes the choice into the file and saves it; the gateway reads the file again by itself. */
async function setEnabled(model: GatewayModel, server: string, enabled: boolean): Promise<void> {
  const file = await serversFile(model);
  // The gateway may have been started with a file elsewhere. One in this folder must not lead out of it.
  if (isWithin(model.folder, file)) await requireWithin(file, [await realPathOf(model.folder)]);
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const before = document.getText();
  const table = /"mcpServers"\s*:/.test(before) && !/"servers"\s*:/.test(before) ? 'mcpServers' : 'servers';
  const place = [table, server, 'enabled'];
  // A server is enabled unless the file says otherwise.
  const after = enabled ? removeJsonValue(before, place) : setJsonValue(before, place, false);
  const edit = new vscode.WorkspaceEdit();
  edit.replace(
    document.uri,
    new vscode.Range(document.positionAt(0), document.positionAt(before.length)),
    after,
  );
  if (!(await vscode.workspace.applyEdit(edit)) || !(await save(document))) {
    throw new AppError('refused', t('{0} could not be written.', document.uri.fsPath), {
      next: t('Check that you may write the file, or set "enabled" of the server by hand.'),
    });
  }
}

/** The editor also says no while another save of the file is under way, as on a busy machine: then it is asked once more. */
async function save(document: vscode.TextDocument): Promise<boolean> {
  return (await document.save()) || (await document.save());
}

/** The file in use as the gateway reports it, else the one that the wiring put beside devcontainer.json. */
async function serversFile(model: GatewayModel): Promise<string> {
  const { state } = model;
  const told = state && isAnswering(state) ? state.gateway.servers : null;
  const usual = path.join(model.folder, '.devcontainer', sidecar.folder, sidecar.serversFile);
  const relative = path.join(sidecar.folder, sidecar.serversFile);
  const found = await vscode.workspace.findFiles(
    new vscode.RelativePattern(model.folder, `**/${relative}`),
    null,
    1,
  );
  for (const file of [told, usual, found[0]?.fsPath]) if (file && (await exists(file))) return file;
  throw new AppError('not-found', t('This folder has no servers.json of the gateway.'), {
    next: t('Add the gateway first, or look in the folder where the gateway was started.'),
  });
}
