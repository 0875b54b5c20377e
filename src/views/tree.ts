import * as vscode from 'vscode';
import { view } from '../editor/contributions';
import type { GatewayModel } from '../editor/model';
import { messageOf, AppError } from '../platform/errors';
import { DisposableList } from '../platform/disposable';
import { gatewayChildren, rootNodes, serverChildren, type Node } from './nodes';
import { tooltipOf } from './tooltip';
import { treeItem } from './tree-item';
import { step } from '../platform/next-step';

/** Several changes within this time are one refresh. */
const settleMs = 100;

/**
 * The tree of the side bar: gateway, servers, and what each has. It is asked again only while it is visible; changes
 * in the meantime show when it is visible again.
 * @see https://code.visualstudio.com/api/extension-guides/tree-view
 */
export class GatewayTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly #owned = new DisposableList();
  readonly #view: vscode.TreeView<Node>;
  readonly onDidChangeTreeData = this.#changed.event;
  #timer: NodeJS.Timeout | undefined;
  #stale = false;
  /** The names of the servers whose failure the tree has shown. */
  #failed: ReadonlySet<string> = new Set();

  constructor(readonly model: GatewayModel) {
    this.#view = this.#owned.add(
      vscode.window.createTreeView(view.gateway, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.#owned.add(this.#changed);
    this.#owned.add(model.onChange(() => this.#refreshSoon()));
    this.#owned.add(model.catalogue.onChange(() => this.#refreshSoon()));
    this.#owned.add(this.#view.onDidChangeVisibility(() => this.#visibilityChanged()));
    this.#owned.add({ dispose: () => clearTimeout(this.#timer) });
  }

  get visible(): boolean {
    return this.#view.visible;
  }

  get selection(): Node | undefined {
    return this.#view.selection[0];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return treeItem(node);
  }

  resolveTreeItem(item: vscode.TreeItem, node: Node): vscode.TreeItem {
    item.tooltip = tooltipOf(node);
    return item;
  }

  /** What `reveal` needs to find the row of a server. */
  getParent(node: Node): Node | undefined {
    const { state } = this.model;
    return node.kind === 'server' && state ? { kind: 'gateway', state } : undefined;
  }

  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return await this.#root();
    if (node.kind === 'gateway') return gatewayChildren(this.model.state ?? node.state);
    if (node.kind === 'server') return serverChildren(node.server);
    if (node.kind === 'group') return await this.#entries(node);
    return [];
  }

  dispose(): void {
    this.#owned.dispose();
  }

  async #root(): Promise<Node[]> {
    if (this.model.workspace === 'unknown') await this.model.refresh();
    const { problem } = this.model;
    // Without an engine nothing is known about the gateway. The welcome text says what to do.
    if (this.model.engine === false) return [];
    return rootNodes(
      this.model.state,
      problem && { reason: problem.message, next: problem.next ?? step('') },
    );
  }

  async #entries(node: Extract<Node, { kind: 'group' }>): Promise<Node[]> {
    const { catalogue } = this.model;
    catalogue.follow();
    const own = <T extends { server: string }>(entries: readonly T[]): T[] =>
      entries.filter(({ server }) => server === node.server);
    try {
      if (node.group === 'tools')
        return own(await catalogue.tools()).map((entry): Node => ({ kind: 'tool', entry }));
      if (node.group === 'prompts')
        return own(await catalogue.prompts()).map((entry): Node => ({ kind: 'prompt', entry }));
      const [resources, templates] = await Promise.all([catalogue.resources(), catalogue.templates()]);
      return [
        ...own(resources).map((entry): Node => ({ kind: 'resource', entry })),
        ...own(templates).map((entry): Node => ({ kind: 'template', entry })),
      ];
    } catch (error) {
      const next = error instanceof AppError ? (error.next ?? step('')) : step('');
      const owner = `server/${node.server}/${node.group}`;
      return [
        {
          kind: 'trouble',
          owner,
          trouble: { reason: messageOf(error), next },
          remedy: { command: 'refresh' },
        },
      ];
    }
  }

  #refreshSoon(): void {
    if (!this.#view.visible) {
      this.#stale = true;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#view.visible) this.#refresh();
      else this.#stale = true;
    }, settleMs);
  }

  #refresh(): void {
    this.#changed.fire(undefined);
    this.#openFailed();
  }

  /** Opens the rows of servers that failed since the last refresh: the editor leaves a row that it knows closed as it was. */
  #openFailed(): void {
    const { state } = this.model;
    const servers = state && 'servers' in state ? state.servers : [];
    const failed = servers.filter((server) => server.state === 'failed');
    for (const server of failed) {
      if (this.#failed.has(server.name)) continue;
      // A row that is gone again by then needs no opening.
      this.#view
        .reveal({ kind: 'server', server }, { select: false, focus: false, expand: true })
        .then(undefined, () => undefined);
    }
    this.#failed = new Set(failed.map(({ name }) => name));
  }

  #visibilityChanged(): void {
    if (!this.#view.visible || !this.#stale) return;
    this.#stale = false;
    this.#refresh();
  }
}
