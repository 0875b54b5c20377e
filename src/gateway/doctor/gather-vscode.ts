import path from 'node:path';
import { parseJsoncObject } from '../../platform/jsonc/jsonc';
import { sidecar } from '../../devcontainer/sidecar';
import { readRepositoryText } from '../../platform/files';
import type { Facts } from './facts';
import { tried } from './trouble';

const rootSetting = 'chat.mcp.workspaceRootConfig.enabled';

/** What the workspace's files tell VS Code about the gateway; a file that VS Code itself cannot read tells nothing. */
export async function vscodeFacts(
  workspace: string,
): Promise<Pick<Facts, 'vscodeReadsRootFile' | 'vscodeFileNamesGateway'>> {
  const read = async (name: string): Promise<string> =>
    (await readRepositoryText(path.join(workspace, '.vscode', name))) ?? '{}';
  const settings = await tried(async () => parseJsoncObject(await read('settings.json'), 'settings.json'));
  const value = settings.value?.[rootSetting];
  const entries = await read('mcp.json');
  return {
    vscodeReadsRootFile: typeof value === 'boolean' ? value : undefined,
    vscodeFileNamesGateway: [sidecar.urlVariable, sidecar.url].some((name) => entries.includes(name)),
  };
}
