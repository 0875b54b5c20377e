import * as vscode from 'vscode';
import { registerCommands } from './commands/register';
import { CallDocuments } from './editor/call-documents';
import { ContextKeys } from './editor/context-keys';
import { followWorkspace } from './editor/follow-workspace';
import { Log } from './editor/log';
import { LogChannels } from './editor/log-channels';
import { GatewayModel } from './editor/model';
import { placeOf } from './editor/place';
import { PlanPreview } from './editor/plan-preview';
import { shareWithTerminals } from './editor/terminals';
import { DisposableList } from './platform/disposable';
import { tellContextKeys } from './views/context-keys';
import { registerMcpProvider } from './views/mcp-provider';
import { StatusItem } from './views/status-item';
import { GatewayTree } from './views/tree';

/**
 * Called by the editor when one of the activation events of package.json happens. Nothing is awaited here: what takes
 * time starts when this has returned. See docs/start-up.md.
 */
export function activate(extension: vscode.ExtensionContext): void {
  const own = new DisposableList();
  extension.subscriptions.push(own);
  const log = own.add(new Log());
  const keys = own.add(new ContextKeys());
  const calls = own.add(new CallDocuments());
  const logs = own.add(new LogChannels(log));
  const preview = own.add(new PlanPreview());
  const { extensionPath } = extension;
  let model: GatewayModel | undefined;
  own.add(registerCommands(() => ({ log, model, logs, calls, preview, extensionPath })));

  const open = (): void => {
    const folder = openFolder();
    if (folder === undefined || model) return;
    const { env } = process;
    model = own.add(new GatewayModel({ folder, place: placeOf(env), env, log }));
    own.add(tellContextKeys(model, keys));
    own.add(new GatewayTree(model));
    own.add(new StatusItem(model));
    own.add(registerMcpProvider(model));
    own.add(followWorkspace(model));
    own.add(shareWithTerminals(model, extension.environmentVariableCollection, log));
    const first = model;
    setImmediate(() => void first.refresh());
  };
  if (vscode.workspace.isTrusted) open();
  else own.add(vscode.workspace.onDidGrantWorkspaceTrust(open));
}

/** The first folder of a disk; `undefined` for none and for a virtual workspace. */
function openFolder(): string | undefined {
  return vscode.workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri.fsPath;
}
