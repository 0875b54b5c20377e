import path from 'node:path';
import { chooseConfiguration, findConfigurations, findWorkspace } from '../devcontainer/find';
import { readDevContainer, type ComposeDevContainer } from '../devcontainer/read';
import { sidecar } from '../devcontainer/sidecar';
import { AppError } from '../platform/errors';
import { exists } from '../platform/files';
import { workspaceStateDir } from '../platform/state';
import type { GatewayAddress } from './api';
import { ContainerManager } from './container-manager';
import { findEngine, thisMachine } from './engine/endpoint';
import { LocalProcessManager, localAddress } from './local-process';
import type { GatewayManager } from './manager';
import { processFiles, readRecord } from './process-record';
import { gatewayProgram } from './program';
import type { ContainerRuntime } from './runtime';
import { findSidecar } from './find-sidecar';
import { addressOf } from './sidecar-container';

/** Which workspace is meant, and from where. */
export interface WorkspaceChoice {
  workspace?: string | undefined;
  config?: string | undefined;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** A gateway of a workspace that runs, and where it answers. */
export interface LocatedGateway extends GatewayAddress {
  kind: 'container' | 'process';
}

/** The folder that is meant: the named one, else the nearest upward that has a dev container. */
export async function workspaceFolder({ workspace, cwd }: WorkspaceChoice): Promise<string> {
  if (workspace === undefined) return await findWorkspace(cwd);
  const folder = path.resolve(cwd, workspace);
  if (await exists(folder)) return folder;
  throw new AppError('not-found', `there is no folder ${folder}`, { next: 'Check --workspace.' });
}

/** The Compose dev container that is meant; `undefined` where the workspace has none that can be wired. */
export async function composeContainer(choice: WorkspaceChoice): Promise<ComposeDevContainer | undefined> {
  const workspace = await workspaceFolder(choice);
  const all = await findConfigurations(workspace);
  if (choice.config === undefined && all.length === 0) return undefined;
  if (choice.config === undefined && all.length > 1) {
    // Of several, the one that is wired is meant: nothing else of the workspace has a gateway.
    const models = await Promise.all(
      all.map(async (file) => await readDevContainer(file, workspace, choice.env)),
    );
    const wired = models.filter((model) => model.kind === 'compose' && model.wired);
    const [only] = wired;
    if (wired.length === 1 && only?.kind === 'compose') return only;
  }
  const file = await chooseConfiguration(workspace, { config: choice.config, cwd: choice.cwd });
  const model = await readDevContainer(file, workspace, choice.env);
  return model.kind === 'compose' ? model : undefined;
}

/**
 * Where the workspace's gateway answers: its sidecar by the engine, else a gateway process of this machine. `undefined`
 * when neither runs. Throws for files that cannot be read, not for an engine that is missing.
 */
export async function locateWorkspaceGateway(
  choice: WorkspaceChoice,
  runtime?: ContainerRuntime,
): Promise<LocatedGateway | undefined> {
  const container = await composeContainer(choice);
  if (container?.wired === true) {
    const address = await sidecarAddress(container, runtime ?? (await engineOf(choice)));
    if (address) return { kind: 'container', ...address };
  }
  const address = await localAddress(await filesOf(choice));
  return address && { kind: 'process', ...address };
}

async function sidecarAddress(
  owner: ComposeDevContainer,
  runtime: ContainerRuntime,
): Promise<GatewayAddress | undefined> {
  if (runtime.kind === 'none') return undefined;
  const found = await findSidecar(runtime, owner);
  return found && (await addressOf(runtime, await runtime.inspect(found.id), owner.configDir));
}

/**
 * The manager of the workspace's own gateway: a local process where one is asked for or recorded, or where there is
 * nothing to put a sidecar beside; else the sidecar. With `creating` the last case throws: a process must be asked for.
 */
export async function workspaceManager(
  choice: WorkspaceChoice,
  options: { local?: boolean; creating?: boolean; variables?: readonly string[] } = {},
): Promise<GatewayManager> {
  const container = options.local === true ? undefined : await composeContainer(choice);
  const recorded = (await readRecord(await filesOf(choice))) !== undefined;
  if (container && (container.wired || !recorded))
    return new ContainerManager(container, await engineOf(choice), choice.env);
  if (options.creating === true && options.local !== true && !recorded) {
    throw new AppError(
      'not-found',
      `${await workspaceFolder(choice)} has no Compose dev container and no gateway`,
      {
        next: 'Run a gateway as a process of this machine: devcontainer-mcp up --local',
      },
    );
  }
  return await localManager(choice, options.variables ?? []);
}

async function localManager(choice: WorkspaceChoice, variables: readonly string[]): Promise<GatewayManager> {
  const workspace = await workspaceFolder(choice);
  const settings = {
    workspace,
    servers: await serversFile(choice),
    files: await filesOf(choice),
    program: await gatewayProgram(),
    variables,
  };
  return new LocalProcessManager(settings, choice.env);
}

/** The servers file of a workspace; it need not exist. */
export async function serversFile(choice: WorkspaceChoice): Promise<string> {
  const workspace = await workspaceFolder(choice);
  const configDir =
    choice.config === undefined
      ? path.join(workspace, '.devcontainer')
      : path.dirname(await chooseConfiguration(workspace, { config: choice.config, cwd: choice.cwd }));
  return path.join(configDir, sidecar.folder, sidecar.serversFile);
}

async function filesOf(choice: WorkspaceChoice) {
  return processFiles(await workspaceStateDir(await workspaceFolder(choice), choice.env));
}

async function engineOf(choice: WorkspaceChoice): Promise<ContainerRuntime> {
  return await findEngine(thisMachine(choice.env));
}
