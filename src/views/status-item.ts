import * as vscode from 'vscode';
import { command, setting } from '../editor/contributions';
import type { GatewayModel } from '../editor/model';
import { onSettingChange, settings } from '../editor/settings';
import type { GatewayState } from '../gateway/watch/state';
import { DisposableList } from '../platform/disposable';
import { stepInEditor } from './next-step';
import { counted, escaped, firstLine, serverWord, statusWord } from './words';
import { icons } from './status-icons';
import { step } from '../platform/next-step';

const { t } = vscode.l10n;

/** More servers than this are summed up in the tooltip. */
const shownServers = 12;

/**
 * The status item: one icon and a short text, quiet while all is well; its tooltip is the control panel.
 * @see https://code.visualstudio.com/api/ux-guidelines/status-bar
 */
export class StatusItem implements vscode.Disposable {
  readonly #owned = new DisposableList();
  readonly #item: vscode.StatusBarItem;
  #shown = '';

  constructor(readonly model: GatewayModel) {
    this.#item = this.#owned.add(
      vscode.window.createStatusBarItem('devcontainerGateway.status', vscode.StatusBarAlignment.Left, -10),
    );
    this.#item.name = t('MCP Gateway');
    this.#owned.add(model.onChange(() => this.#update()));
    this.#owned.add(onSettingChange([setting.statusBar], () => this.#update()));
    this.#update();
  }

  dispose(): void {
    this.#owned.dispose();
  }

  #update(): void {
    if (!this.#wanted()) {
      this.#item.hide();
      return;
    }
    const { state } = this.model;
    const identity = faceOf(this.model);
    this.#item.show();
    const tooltip = controlPanel(this.model);
    // A write restarts the spinner: only what changed is written.
    const shown = JSON.stringify([identity, tooltip.value]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#item.text = identity.text;
    this.#item.accessibilityInformation = { label: identity.label, role: 'button' };
    this.#item.tooltip = tooltip;
    this.#item.backgroundColor =
      state?.status === 'failed' ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.command = { command: `${view}.focus`, title: t('Show the gateway') };
  }

  #wanted(): boolean {
    const { statusBar } = settings;
    if (statusBar === 'never' || ['unknown', 'nothing'].includes(this.model.workspace)) return false;
    return statusBar === 'always' || this.model.workspace === 'gateway';
  }
}

const view = 'devcontainerGateway.gateway';

/** What the item says, for eyes and for screen readers. */
export function faceOf(model: Pick<GatewayModel, 'state' | 'engine' | 'workspace' | 'problem'>): {
  text: string;
  label: string;
} {
  const { state } = model;
  if (model.problem)
    return {
      text: `$(${icons.failed}) ${t('MCP: cannot be read')}`,
      label: t('MCP Gateway: {0}', firstLine(model.problem.message)),
    };
  if (model.workspace === 'devcontainer')
    return { text: `$(${icons.absent}) MCP`, label: t('MCP Gateway: this dev container has no gateway') };
  if (model.engine === false)
    return {
      text: `$(${icons.unreachable}) ${t('MCP: no engine')}`,
      label: t('MCP Gateway: no container engine'),
    };
  const word = statusWord(state);
  const quiet = state?.status === 'healthy';
  const why = state && 'reason' in state ? `. ${firstLine(state.reason)}` : '';
  return {
    text: `$(${icons[state?.status ?? 'starting']}) ${quiet ? 'MCP' : `MCP: ${word}`}`,
    label: t('MCP Gateway: {0}', `${word}${why}`),
  };
}

/** The tooltip: state, why, each server, and what can be done. */
export function controlPanel(
  model: Pick<GatewayModel, 'state' | 'engine' | 'workspace' | 'problem' | 'place'>,
): vscode.MarkdownString {
  const text = new vscode.MarkdownString('', true);
  text.isTrusted = { enabledCommands: Object.values(command) };
  const { state, problem } = model;
  text.appendMarkdown(
    `**${t('MCP Gateway')}** ${escaped(problem ? t('cannot be read') : statusWord(state))}`,
  );
  const trouble = problem
    ? { reason: problem.message, next: problem.next ?? step('') }
    : state && 'reason' in state
      ? state
      : undefined;
  if (trouble)
    text.appendMarkdown(`\n\n${escaped(trouble.reason)}\n\n${escaped(stepInEditor(trouble.next))}`);
  if (state && 'servers' in state) appendServers(text, state.servers);
  text.appendMarkdown(`\n\n---\n\n${actions(model).map(link).join(' · ')}`);
  return text;
}

function appendServers(
  text: vscode.MarkdownString,
  servers: Extract<GatewayState, { status: 'healthy' }>['servers'],
): void {
  text.appendMarkdown('\n');
  for (const server of servers.slice(0, shownServers)) {
    const icon = server.state === 'failed' ? 'error' : server.state === 'ready' ? 'pass' : 'circle-outline';
    const detail = server.state === 'ready' ? counted(server.counts.tools, 'tools') : serverWord(server);
    const why = server.error ? ` ${escaped(firstLine(server.error.message, 80))}` : '';
    text.appendMarkdown(`\n- $(${icon}) ${escaped(server.name)} ${escaped(detail)}${why}`);
  }
  const more = servers.length - shownServers;
  if (more > 0) text.appendMarkdown(`\n- ${escaped(t('and {0} more', more))}`);
}

type Action = [id: string, title: string];

function actions(model: Pick<GatewayModel, 'state' | 'workspace' | 'place'>): Action[] {
  const status = model.state?.status;
  if (model.workspace === 'devcontainer') return [[command.add, t('Add MCP Gateway')]];
  const down = status === 'absent' || status === 'stopped' || status === 'failed';
  const life: Action[] = down
    ? [[command.start, t('Start')]]
    : [
        [command.restart, t('Restart')],
        [command.stop, t('Stop')],
      ];
  return [
    ...life,
    [command.showLogs, t('Logs')],
    [command.doctor, t('Doctor')],
    [command.openServersFile, 'servers.json'],
    [command.refresh, t('Refresh')],
  ];
}

function link([id, title]: Action): string {
  return `[${escaped(title)}](command:${id})`;
}
