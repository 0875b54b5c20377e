import type { ExtensionContext } from 'vscode';

/** Called by the editor when one of the activation events of package.json happens. */
export function activate(_context: ExtensionContext): void {
  // The views and commands of the editor are registered here.
}
