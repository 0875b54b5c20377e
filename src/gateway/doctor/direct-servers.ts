import { clientKey, gatewayVariables, isGatewayAddress, isGatewayHost } from '../../clients/clients';
import { isRecord } from '../../platform/jsonc/jsonc';
import { product } from '../../platform/product';
import { member, type ProjectFile } from './project-files';

/** The files in which clients look for servers, each with the keys that lead to its tables. */
export const clientFiles: Readonly<Record<string, readonly (readonly string[])[]>> = {
  '.mcp.json': [['mcpServers'], ['servers']],
  '.gemini/settings.json': [['mcpServers']],
  '.qwen/settings.json': [['mcpServers']],
  'opencode.json': [['mcp']],
  'opencode.jsonc': [['mcp']],
  '.vscode/mcp.json': [['servers'], ['mcpServers']],
  '.vscode/settings.json': [['mcp', 'servers'], ['mcp.servers']],
  '.cursor/mcp.json': [['mcpServers']],
  '.windsurf/mcp.json': [['mcpServers']],
  '.roo/mcp.json': [['mcpServers']],
  '.kiro/settings/mcp.json': [['mcpServers']],
  '.amazonq/mcp.json': [['mcpServers']],
  '.junie/mcp/mcp.json': [['mcpServers']],
  '.factory/mcp.json': [['mcpServers']],
  '.zed/settings.json': [['context_servers']],
  '.claude/settings.json': [['mcpServers']],
  '.crush.json': [['mcp']],
  'crush.json': [['mcp']],
  '.codex/config.toml': [],
};

const devContainerTables = [
  ['customizations', 'vscode', 'mcp', 'servers'],
  ['customizations', 'vscode', 'settings', 'mcp', 'servers'],
  ['customizations', 'vscode', 'settings', 'mcp.servers'],
];

/** Servers that a client of the project starts or reaches itself, past the gateway. */
export function directServers(file: ProjectFile): string[] {
  if (file.name.endsWith('.toml')) return inToml(file);
  const tables = file.kind === 'devcontainer' ? devContainerTables : (clientFiles[file.name] ?? []);
  return tables.flatMap((keys) => {
    const table = member(file.value, ...keys);
    if (!isRecord(table)) return [];
    return Object.entries(table).flatMap(([name, entry]) => judged(file.name, name, entry));
  });
}

function judged(file: string, name: string, entry: unknown): string[] {
  if (!isRecord(entry) || entry['disabled'] === true || entry['enabled'] === false) return [];
  const address = [entry['url'], entry['httpUrl'], entry['serverUrl']].find(
    (value) => typeof value === 'string',
  );
  if (address === undefined) {
    const command = [entry['command'], entry['args']].flat().map(String).join(' ');
    // What names no program, such as another setting, is no server.
    if (command.trim() === 'undefined undefined') return [];
    return command.includes(product.command) ? [] : [`${file}: "${name}" is started by the client itself`];
  }
  if (isGatewayAddress(address)) return [];
  if (JSON.stringify(entry).includes(gatewayVariables.token))
    return isGatewayHost(address) ? [] : [`${file}: "${name}" sends the gateway's token to another host`];
  // The rule about the files of clients says what is wrong with this entry.
  return name === clientKey ? [] : [`${file}: "${name}" is reached by the client itself`];
}

function inToml({ name: file, text }: ProjectFile): string[] {
  return text.split('\n').flatMap((line) => {
    const table = line.trim();
    if (!table.startsWith('[mcp_servers.') || !table.endsWith(']')) return [];
    const name = table.slice('[mcp_servers.'.length, -1);
    return name.includes('.') || name === clientKey
      ? []
      : [`${file}: "${name}" is reached by the client itself`];
  });
}
