import path from 'node:path';
import * as vscode from 'vscode';
import type { Plan } from '../devcontainer/plan';
import type { FileEdit, FileState } from '../devcontainer/edits';
import { DisposableList, type Disposable } from '../platform/disposable';

const scheme = 'devcontainer-gateway-plan';
/** Larger files, such as the gateway program, are named and not shown. */
const shownBytes = 64 * 1024;

/** Shows a plan as the editor's own diff of several files. Values of secrets are masked. */
export class PlanPreview implements vscode.Disposable {
  readonly #owned = new DisposableList();
  readonly #texts = new Map<string, string>();
  #plans = 0;

  constructor() {
    const provideTextDocumentContent = (uri: vscode.Uri): string => this.#texts.get(uri.toString()) ?? '';
    this.#owned.add(
      vscode.workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent }),
    );
  }

  /** Opens the diff; the returned object closes it. */
  async show(title: string, plan: Plan): Promise<Disposable> {
    this.#plans += 1;
    // The person's own files come first, then the gateway's files.
    const edits = [...plan.edits].sort((left, right) => rank(left) - rank(right));
    const files = edits.map((edit) => this.#resources(edit, plan.container.workspace));
    await vscode.commands.executeCommand('vscode.changes', title, files);
    return {
      dispose: () => {
        this.#texts.clear();
        void closeTab(title);
      },
    };
  }

  dispose(): void {
    this.#texts.clear();
    this.#owned.dispose();
  }

  #resources(
    edit: FileEdit,
    workspace: string,
  ): [vscode.Uri, vscode.Uri | undefined, vscode.Uri | undefined] {
    const name = path.relative(workspace, edit.path).split(path.sep).join('/');
    const uri = (side: string, state: FileState | undefined): vscode.Uri | undefined => {
      if (!state) return undefined;
      // The placeholder for a large program must not look like the program.
      const suffix = state.bytes.length > shownBytes ? '.txt' : '';
      const query = String(this.#plans);
      const made = vscode.Uri.from({ scheme, authority: side, path: `/${name}${suffix}`, query });
      this.#texts.set(made.toString(), shown(edit, state));
      return made;
    };
    return [vscode.Uri.file(edit.path), uri('before', edit.before), uri('after', edit.after)];
  }
}

function rank({ stage, before, after }: FileEdit): number {
  if (stage === 'wiring') return 0;
  return Math.max(before?.bytes.length ?? 0, after?.bytes.length ?? 0) > shownBytes ? 2 : 1;
}

function shown(edit: FileEdit, { bytes }: FileState): string {
  if (bytes.length > shownBytes) return vscode.l10n.t('({0} bytes, not shown)', bytes.length);
  const text = bytes.toString('utf8');
  return edit.secret ? text.replace(/^([^#=\r\n\u2028\u2029]*=)[^\r\n]+/gm, '$1<secret>') : text;
}

async function closeTab(title: string): Promise<void> {
  const tabs = vscode.window.tabGroups.all
    .flatMap(({ tabs: all }) => all)
    .filter(({ label }) => label.startsWith(title));
  await vscode.window.tabGroups.close(tabs);
}
