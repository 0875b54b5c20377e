import * as vscode from 'vscode';
import { activate } from '../../../src/extension';
import { root } from '../../support/gateway';

/** Activates the extension in this process, for as long as `during` takes. */
export async function ownLife(during: () => Promise<void>): Promise<void> {
  const subscriptions: vscode.Disposable[] = [];
  const environmentVariableCollection = { replace: () => undefined, clear: () => undefined };
  const context = { subscriptions, extensionPath: root, environmentVariableCollection };
  activate(context as unknown as vscode.ExtensionContext);
  try {
    await during();
  } finally {
    for (const item of subscriptions.reverse()) item.dispose();
  }
}

/** Gives `vscode.workspace` other values while `during` runs. */
export async function withWorkspace(
  values: Partial<Pick<typeof vscode.workspace, 'isTrusted' | 'workspaceFolders'>>,
  during: () => Promise<void>,
): Promise<void> {
  const before = Object.getOwnPropertyDescriptors(vscode.workspace);
  for (const [key, value] of Object.entries(values))
    Object.defineProperty(vscode.workspace, key, { value, configurable: true });
  try {
    await during();
  } finally {
    for (const key of ['isTrusted', 'workspaceFolders'] as const)
      Object.defineProperty(vscode.workspace, key, before[key]);
  }
}
