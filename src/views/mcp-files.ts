import path from 'node:path';
import { parse } from 'jsonc-parser';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { sidecar } from '../devcontainer/sidecar';
import { readTextIfExists } from '../platform/files';

/** VS Code reads `.mcp.json` of a folder only with this. */
export const workspaceRootSetting = 'chat.mcp.workspaceRootConfig.enabled';

/** The files of a workspace from which VS Code itself takes MCP servers, and the setting that a file depends on. */
const ownFiles: readonly { file: string; setting?: string }[] = [
  { file: path.join('.vscode', 'mcp.json') },
  { file: '.mcp.json', setting: workspaceRootSetting },
];

const Table = v.record(v.string(), v.unknown());
const McpFile = v.looseObject({ servers: v.optional(Table), mcpServers: v.optional(Table) });

/**
 * Whether the editor takes the gateway at this URL from a file of the workspace already. An entry that names the URL by
 * its variable gives it only where the variable is set: inside the dev container, and not on the host.
 */
export async function isGivenByFile(folder: string, url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const configuration = vscode.workspace.getConfiguration();
  const names = [JSON.stringify(url), ...(env[sidecar.urlVariable] ? [sidecar.urlVariable] : [])];
  for (const { file, setting } of ownFiles) {
    if (setting !== undefined && configuration.get<unknown>(setting) !== true) continue;
    const text = await readTextIfExists(path.join(folder, file));
    if (text !== undefined && entriesOf(text).some((entry) => names.some((name) => entry.includes(name))))
      return true;
  }
  return false;
}

/** The entries of a file that lists MCP servers, under a key or bare, each as JSON. */
function entriesOf(text: string): string[] {
  const parsed = v.safeParse(McpFile, parse(text, [], { allowTrailingComma: true }));
  if (!parsed.success) return [];
  const { servers, mcpServers } = parsed.output;
  return Object.values(servers ?? mcpServers ?? parsed.output).map((entry) => JSON.stringify(entry));
}
