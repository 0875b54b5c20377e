import * as vscode from 'vscode';
import { isAnswering, type GatewayState } from '../gateway/watch/state';
import type { ServerReport } from '../servers/api-types';
import type { Node } from './nodes';
import { stepInEditor } from './next-step';
import { remedyTitle, toolNature } from './tree-item';
import { escaped, serverWord, statusWord } from './words';

const { t } = vscode.l10n;

/** The tooltip of a row. */
export function tooltipOf(node: Node): vscode.MarkdownString | undefined {
  const text = new vscode.MarkdownString();
  switch (node.kind) {
    case 'gateway':
      return gatewayTooltip(text, node.state);
    case 'server':
      return serverTooltip(text, node.server);
    case 'group':
      return undefined;
    case 'tool':
      entryHead(text, node.entry.title ?? node.entry.name, node.entry.name, node.entry.description);
      if (toolNature(node.entry)) text.appendMarkdown(`\n\n*${escaped(toolNature(node.entry))}*`);
      return schemaOf(text, node.entry.inputSchema);
    case 'resource':
      entryHead(text, node.entry.title ?? node.entry.name ?? '', node.entry.uri, node.entry.description);
      return text.appendMarkdown(node.entry.mimeType ? `\n\n${escaped(node.entry.mimeType)}` : '');
    case 'template':
      entryHead(
        text,
        node.entry.title ?? node.entry.name ?? '',
        node.entry.uriTemplate,
        node.entry.description,
      );
      return text.appendMarkdown(node.entry.mimeType ? `\n\n${escaped(node.entry.mimeType)}` : '');
    case 'prompt':
      entryHead(text, node.entry.title ?? node.entry.name, node.entry.name, node.entry.description);
      for (const { name, required, description } of node.entry.arguments) {
        const optional = required ? '' : ` (${t('optional')})`;
        text.appendMarkdown(`\n- \`${name}\`${optional} ${escaped(description ?? '')}`);
      }
      return text;
    case 'trouble':
      text.appendMarkdown(`${escaped(node.trouble.reason)}\n\n${escaped(stepInEditor(node.trouble.next))}`);
      return text.appendMarkdown(`\n\n*${escaped(t('Click: {0}', remedyTitle(node.remedy.command)))}*`);
  }
}

function gatewayTooltip(text: vscode.MarkdownString, state: GatewayState): vscode.MarkdownString {
  text.appendMarkdown(`**${t('MCP Gateway')}** ${escaped(statusWord(state))}`);
  if ('reason' in state)
    text.appendMarkdown(`\n\n${escaped(state.reason)}\n\n${escaped(stepInEditor(state.next))}`);
  if ('url' in state && state.url) text.appendMarkdown(`\n\n${escaped(state.url)}`);
  if (isAnswering(state)) {
    const { version, servers, startedAt } = state.gateway;
    const since = startedAt === null ? undefined : new Date(startedAt).toLocaleString();
    const about =
      since === undefined ? t('version {0}', version) : t('version {0}, running since {1}', version, since);
    text.appendMarkdown(`\n\n${escaped(about)}`);
    if (servers !== null) text.appendMarkdown(`\n\n${escaped(servers)}`);
  }
  return text;
}

function serverTooltip(text: vscode.MarkdownString, server: ServerReport): vscode.MarkdownString {
  text.appendMarkdown(`**${escaped(server.name)}** ${escaped(serverWord(server))} · ${escaped(server.type)}`);
  if (server.description) text.appendMarkdown(`\n\n${escaped(server.description)}`);
  if (server.error)
    text.appendMarkdown(
      `\n\n${escaped(server.error.message)}\n\n${escaped(stepInEditor(server.error.step))}`,
    );
  const lines = [
    server.serverInfo && `${server.serverInfo.name} ${server.serverInfo.version}`,
    server.protocolVersion && t('protocol {0}', server.protocolVersion),
    server.pid !== null && t('process {0}', server.pid),
    server.url,
    server.startedAt && t('since {0}', new Date(server.startedAt).toLocaleString()),
    t('{0} calls, {1} errors, {2} restarts', server.counts.calls, server.counts.errors, server.restarts),
  ];
  for (const line of lines) if (line) text.appendMarkdown(`\n- ${escaped(line)}`);
  return text;
}

function entryHead(
  text: vscode.MarkdownString,
  title: string,
  name: string,
  description: string | undefined,
): void {
  text.appendMarkdown(title && title !== name ? `**${escaped(title)}**\n\n\`${name}\`` : `\`${name}\``);
  if (description) text.appendMarkdown(`\n\n${escaped(description)}`);
}

function schemaOf(
  text: vscode.MarkdownString,
  schema: Readonly<Record<string, unknown>>,
): vscode.MarkdownString {
  const shown = Object.fromEntries(Object.entries(schema).filter(([key]) => !key.startsWith('$')));
  return text.appendCodeblock(JSON.stringify(shown, null, 2), 'json');
}
