import path from 'node:path';
import * as v from 'valibot';
import * as vscode from 'vscode';
import { sidecar } from '../devcontainer/sidecar';
import { AppError } from '../platform/errors';
import { readRepositoryText } from '../platform/files';
import { parseJsoncObject } from '../platform/jsonc/jsonc';

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
    const text = await readRepositoryText(path.join(folder, file));
    if (text !== undefined && entriesOf(text).some((entry) => names.some((name) => entry.includes(name))))
      return true;
  }
  return false;
}

/** The value of a text that VS Code itself may be able to read; `undefined` where we cannot. */
function valueOf(text: string): unknown {
  try {
    return parseJsoncObject(text, 'mcp.json');
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  }
}

/** The entries of a file that lists MCP servers, under a key or bare, each as JSON. */
function entriesOf(text: string): string[] {
  const parsed = v.safeParse(McpFile, valueOf(text));
  if (!parsed.success) return [];
  const { servers, mcpServers } = parsed.output;
  return Object.values(servers ?? mcpServers ?? parsed.output).map((entry) => JSON.stringify(entry));
}
