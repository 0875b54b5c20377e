import * as vscode from 'vscode';
import { mcpProvider, setting } from '../editor/contributions';
import type { GatewayModel } from '../editor/model';
import { onSettingChange, settings } from '../editor/settings';
import { isAnswering } from '../gateway/watch/state';
import { DisposableList } from '../platform/disposable';
import { isGivenByFile, workspaceRootSetting } from './mcp-files';

/**
 * Gives VS Code's own agent the gateway without a file: it is there while the gateway answers, and its version grows when
 * the tools change, which makes VS Code read them again. If a file of the workspace already gives the same server, the provider does not.
 * @see https://code.visualstudio.com/api/extension-guides/ai/mcp
 */
export class McpProvider
  implements vscode.McpServerDefinitionProvider<vscode.McpHttpServerDefinition>, vscode.Disposable
{
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #owned = new DisposableList();
  readonly onDidChangeMcpServerDefinitions = this.#changed.event;
  #told = '';

  constructor(readonly model: GatewayModel) {
    this.#owned.add(this.#changed);
    this.#owned.add(model.onChange(() => this.#tell()));
    this.#owned.add(model.catalogue.onChange(() => this.#tell()));
    this.#owned.add(
      onSettingChange([setting.provideToAgent, workspaceRootSetting], () => this.#changed.fire()),
    );
  }

  async provideMcpServerDefinitions(): Promise<vscode.McpHttpServerDefinition[]> {
    const { state } = this.model;
    if (!settings.provideToAgent || !state || !isAnswering(state)) return [];
    if (await isGivenByFile(this.model.folder, state.url, this.model.options.env)) return [];
    this.model.catalogue.follow();
    const label = vscode.l10n.t('MCP Gateway');
    return [new vscode.McpHttpServerDefinition(label, vscode.Uri.parse(state.url), {}, this.#version())];
  }

  /** The token is added when the server is started, and only then. */
  async resolveMcpServerDefinition(
    server: vscode.McpHttpServerDefinition,
  ): Promise<vscode.McpHttpServerDefinition> {
    const manager = await this.model.manager();
    const { url, token } = await manager.address(AbortSignal.timeout(10_000));
    server.uri = vscode.Uri.parse(url.href);
    if (token !== undefined) server.headers = { Authorization: `Bearer ${token}` };
    return server;
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #tell(): void {
    const now = this.#version();
    if (now === this.#told) return;
    this.#told = now;
    this.#changed.fire();
  }

  /** Differs for another run of the gateway, other servers and other lists. */
  #version(): string {
    const { state, catalogue } = this.model;
    if (!state || !isAnswering(state)) return '';
    const servers = state.servers.map(({ name, startedAt, counts }) => [
      name,
      startedAt,
      counts.tools,
      counts.prompts,
    ]);
    return `${state.gateway.startedAt}/${catalogue.revision}/${hash(JSON.stringify([state.url, servers]))}`;
  }
}

/** Registers the provider where the editor has the interface; forks of older versions lack it. */
export function registerMcpProvider(model: GatewayModel): vscode.Disposable {
  const provider = new McpProvider(model);
  const lm: Partial<Pick<typeof vscode.lm, 'registerMcpServerDefinitionProvider'>> = vscode.lm;
  const registration = lm.registerMcpServerDefinitionProvider?.(mcpProvider, provider);
  return vscode.Disposable.from(provider, ...(registration ? [registration] : []));
}

/** A short number for a text (FNV-1a); equal texts have equal numbers. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return (value >>> 0).toString(36);
}
