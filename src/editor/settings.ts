import * as vscode from 'vscode';
import { setting } from './contributions';

/** When the status item is shown. */
export type StatusBarVisibility = 'wired' | 'always' | 'never';

/** The extension's settings, typed; a value of another shape counts as the default. */
export const settings = {
  get statusBar(): StatusBarVisibility {
    const value = vscode.workspace.getConfiguration().get<unknown>(setting.statusBar);
    return value === 'always' || value === 'never' ? value : 'wired';
  },
  get provideToAgent(): boolean {
    return vscode.workspace.getConfiguration().get<unknown>(setting.provideToAgent) !== false;
  },
};

/** Calls back when one of these settings changed. */
export function onSettingChange(ids: readonly string[], listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((event) => {
    if (ids.some((id) => event.affectsConfiguration(id))) listener();
  });
}
