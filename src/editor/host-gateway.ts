import { findConfigurations } from '../devcontainer/find';
import { LocalProcessManager } from '../gateway/local/process';
import type { GatewayManager } from '../gateway/manager';
import { processFiles } from '../gateway/local/record';
import { composeContainer, workspaceManager } from '../gateway/workspace';
import { defaultKind, kinds } from '../kinds/registry';
import { AppError } from '../platform/errors';
import { exists } from '../platform/files';
import { workspaceStateDir } from '../platform/state';
import type { WorkspaceKind } from './workspace-kind';

/**
 * The gateway of a folder on the machine that has it. Apart from its callers, so that what the engine needs is loaded
 * only where it is used.
 */
export async function findManager(
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<{ kind: WorkspaceKind; manager: GatewayManager | undefined }> {
  const choice = { workspace: folder, cwd: folder, env };
  const kind = kinds[defaultKind];
  const container = await onlyContainer(choice);
  if (container?.wired === true)
    return { kind: 'gateway', manager: await workspaceManager(choice, { kind }) };
  // Any folder can have a gateway as a process of this machine; one that ran before has left its log.
  const { logFile } = processFiles(await workspaceStateDir(folder, env));
  const local = (await exists(logFile)) ? await workspaceManager(choice, { kind }).catch(absent) : undefined;
  if (local instanceof LocalProcessManager) return { kind: 'gateway', manager: local };
  const configurations = await findConfigurations(folder);
  return { kind: configurations.length > 0 ? 'devcontainer' : 'nothing', manager: undefined };
}

/** Several configurations of which none is wired are no failure here: `add` asks which one to use. */
async function onlyContainer(choice: Parameters<typeof composeContainer>[0]) {
  try {
    return await composeContainer(choice);
  } catch (error) {
    if (error instanceof AppError && error.code === 'usage') return undefined;
    throw error;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof AppError && ['not-found', 'usage'].includes(error.code)) return undefined;
  throw error;
}
