import * as vscode from 'vscode';
import type { ContextKey } from './contributions';

/** The extension's context keys; a value is handed to the editor only when it changed. */
export class ContextKeys implements vscode.Disposable {
  readonly #values = new Map<ContextKey, string | boolean>();

  set(key: ContextKey, value: string | boolean): void {
    if (this.#values.get(key) === value) return;
    this.#values.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  }

  get(key: ContextKey): string | boolean | undefined {
    return this.#values.get(key);
  }

  dispose(): void {
    for (const key of this.#values.keys()) void vscode.commands.executeCommand('setContext', key, undefined);
  }
}
