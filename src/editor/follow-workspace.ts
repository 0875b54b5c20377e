import * as vscode from 'vscode';
import type { GatewayModel } from './model';

/** An editor writes a file in several steps; this long after the last one it is read. */
const settleMs = 300;

/** Looks at the workspace again when a configuration of a dev container comes, changes or goes. */
export function followWorkspace(model: GatewayModel): vscode.Disposable {
  const pattern = '{.devcontainer.json,.devcontainer/devcontainer.json,.devcontainer/*/devcontainer.json}';
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(model.folder, pattern));
  let timer: NodeJS.Timeout | undefined;
  const changed = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void model.refresh(), settleMs);
  };
  return vscode.Disposable.from(
    watcher,
    watcher.onDidCreate(changed),
    watcher.onDidChange(changed),
    watcher.onDidDelete(changed),
    { dispose: () => clearTimeout(timer) },
  );
}
