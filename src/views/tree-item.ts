import * as vscode from 'vscode';
import { command, row } from '../editor/contributions';
import type { ToolEntry } from '../editor/catalogue';
import type { ServerReport } from '../servers/api-types';
import type { GatewayState } from '../gateway/watch/state';
import { sentence } from '../platform/sentence';
import { idOf, type Group, type Node } from './nodes';
import { counted, firstLine, serverWord, statusWord } from './words';

const { t } = vscode.l10n;
const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** A row as the editor shows it; its tooltip is made when a person points at it. */
export function treeItem(node: Node): vscode.TreeItem {
  const item = makeItem(node);
  item.id = idOf(node);
  item.accessibilityInformation ??= { label: labelOf(item) };
  return item;
}

function labelOf({ label, description }: vscode.TreeItem): string {
  const name = typeof label === 'string' ? label : (label?.label ?? '');
  return typeof description === 'string' && description !== '' ? `${name}, ${description}` : name;
}

function makeItem(node: Node): vscode.TreeItem {
  switch (node.kind) {
    case 'gateway':
      return gatewayItem(node.state);
    case 'server':
      return serverItem(node.server);
    case 'group':
      return groupItem(node.group, node.count);
    case 'tool':
      return toolItem(node.entry);
    case 'resource':
      return leaf(
        node.entry.title ?? node.entry.name ?? node.entry.uri,
        node.entry.uri,
        'file',
        row.resource,
      );
    case 'template':
      return leaf(
        node.entry.title ?? node.entry.name ?? node.entry.uriTemplate,
        node.entry.uriTemplate,
        'symbol-snippet',
        row.resource,
      );
    case 'prompt':
      return leaf(
        node.entry.title ?? node.entry.name,
        firstLine(node.entry.description ?? ''),
        'comment',
        row.prompt,
      );
    case 'trouble':
      return troubleItem(node);
  }
}

function gatewayItem(state: GatewayState): vscode.TreeItem {
  const servers = 'servers' in state ? state.servers : [];
  const item = new vscode.TreeItem(t('MCP Gateway'), Expanded);
  const count = servers.length > 0 ? ` · ${counted(servers.length, 'servers')}` : '';
  item.description = `${statusWord(state)}${count}`;
  item.contextValue = row.gateway;
  item.iconPath = gatewayIcon(state);
  item.accessibilityInformation = { label: t('MCP Gateway, {0}', `${statusWord(state)}${count}`) };
  return item;
}

/** The icon of a gateway's state; its shape shows as much as its colour. */
function gatewayIcon(state: GatewayState | undefined): vscode.ThemeIcon {
  switch (state?.status) {
    case 'healthy':
      return icon('pass', 'testing.iconPassed');
    case 'degraded':
    case 'unhealthy':
      return icon('warning', 'list.warningForeground');
    case 'unreachable':
      return icon('debug-disconnect', 'list.warningForeground');
    case 'failed':
      return icon('error', 'list.errorForeground');
    case 'creating':
    case 'starting':
      return icon('loading~spin');
    default:
      return icon('circle-slash');
  }
}

function serverItem(server: ServerReport): vscode.TreeItem {
  const known = server.state === 'ready' || server.error !== null;
  const item = new vscode.TreeItem(server.name, known ? Collapsed : None);
  if (server.state === 'failed') item.collapsibleState = Expanded;
  item.description = serverDescription(server);
  item.contextValue = server.enabled ? row.server : row.disabledServer;
  item.iconPath = serverIcon(server);
  item.accessibilityInformation = { label: t('Server {0}, {1}', server.name, item.description) };
  return item;
}

function serverDescription(server: ServerReport): string {
  if (server.activity !== null) return `${serverWord(server)}: ${server.activity}`;
  if (server.state !== 'ready') return serverWord(server);
  const { tools, resources, resourceTemplates, prompts } = server.counts;
  const parts = [
    tools > 0 ? counted(tools, 'tools') : '',
    resources + resourceTemplates > 0 ? counted(resources + resourceTemplates, 'resources') : '',
    prompts > 0 ? counted(prompts, 'prompts') : '',
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(', ') : serverWord(server);
}

function serverIcon(server: ServerReport): vscode.ThemeIcon {
  switch (server.state) {
    case 'ready':
      return icon('server', 'testing.iconPassed');
    case 'failed':
      return icon('error', 'list.errorForeground');
    case 'starting':
      return icon('loading~spin');
    case 'disabled':
      return icon('circle-slash', 'disabledForeground');
    default:
      return icon('server');
  }
}

function groupItem(group: Group, count: number): vscode.TreeItem {
  const labels: Record<Group, string> = {
    tools: t('Tools'),
    resources: t('Resources'),
    prompts: t('Prompts'),
  };
  const icons: Record<Group, string> = { tools: 'tools', resources: 'files', prompts: 'comment-discussion' };
  const item = new vscode.TreeItem(labels[group], Collapsed);
  item.description = String(count);
  item.contextValue = row.group;
  item.iconPath = icon(icons[group]);
  item.accessibilityInformation = { label: counted(count, group) };
  return item;
}

function toolItem(entry: ToolEntry): vscode.TreeItem {
  const item = leaf(entry.tool, firstLine(entry.description ?? entry.title ?? ''), toolIcon(entry), row.tool);
  item.accessibilityInformation = {
    label: [t('Tool {0}', entry.tool), toolNature(entry), item.description].filter(Boolean).join(', '),
  };
  return item;
}

function toolIcon({ annotations }: ToolEntry): string {
  if (annotations?.readOnlyHint === true) return 'eye';
  if (annotations?.destructiveHint === true) return 'flame';
  return 'symbol-method';
}

/** What a tool declares about itself, in words; empty if it declares nothing. */
export function toolNature({ annotations }: ToolEntry): string {
  if (annotations?.readOnlyHint === true) return t('only reads');
  if (annotations?.destructiveHint === true) return t('may destroy data');
  return '';
}

function troubleItem(node: Extract<Node, { kind: 'trouble' }>): vscode.TreeItem {
  const { remedy } = node;
  const argument = 'server' in remedy ? [remedy.server] : [];
  const title = remedyTitle(remedy.command);
  const item = leaf(title, firstLine(node.trouble.reason, 200), 'warning', row.trouble);
  item.iconPath = icon('warning', 'list.errorForeground');
  item.command = { command: command[remedy.command], title, arguments: argument };
  item.accessibilityInformation = {
    label: t('Problem: {0} Press Enter: {1}', sentence(node.trouble.reason), title),
  };
  return item;
}

/** What a click on a problem does. */
export function remedyTitle(remedy: Extract<Node, { kind: 'trouble' }>['remedy']['command']): string {
  switch (remedy) {
    case 'start':
      return t('Start');
    case 'restart':
      return t('Restart');
    case 'refresh':
      return t('Refresh');
    case 'showLogs':
      return t('Show logs');
    case 'openServersFile':
      return t('Open servers.json');
    case 'restartServer':
      return t('Restart the server');
    case 'showServerLog':
      return t("Show the server's log");
  }
}

function leaf(label: string, description: string, iconId: string, contextValue: string): vscode.TreeItem {
  const item = new vscode.TreeItem(label, None);
  if (description !== label) item.description = description;
  item.iconPath = icon(iconId);
  item.contextValue = contextValue;
  return item;
}

function icon(id: string, color?: string): vscode.ThemeIcon {
  return new vscode.ThemeIcon(id, color === undefined ? undefined : new vscode.ThemeColor(color));
}
