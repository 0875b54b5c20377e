import type { Kind } from './kind';
import type { GatewayAddress } from './address';
import path from 'node:path';
import { chooseConfiguration, findConfigurations, resolveWorkspace } from '../devcontainer/find';
import { readDevContainer, type ComposeDevContainer } from '../devcontainer/read';
import { sidecar } from '../devcontainer/sidecar';
import { AppError } from '../platform/errors';
import { workspaceStateDir } from '../platform/state';
import { ContainerManager } from './sidecar/manager';
import { findEngine, thisMachine } from './engine/endpoint';
import { LocalProcessManager, localAddress } from './local/process';
import type { GatewayManager } from './manager';
import { processFiles, readRecord } from './local/record';
import { gatewayProgram } from './local/program';
import type { ContainerRuntime } from './engine/runtime';
import { findSidecar } from './sidecar/find';
import { addressOf, elsewhereTrouble } from './sidecar/container';
import { step } from '../platform/next-step';

/** Which workspace is meant, and from where. */
export interface WorkspaceChoice {
  workspace?: string | undefined;
  config?: string | undefined;
  cwd: string;
  env: NodeJS.ProcessEnv;
}

/** What the manager of a workspace's gateway is made with. */
export interface ManagerChoice {
  kind: Kind;
  local?: boolean;
  creating?: boolean;
  variables?: readonly string[];
}

/** A gateway of a workspace that runs, and where it answers. */
export interface LocatedGateway extends GatewayAddress {
  kind: 'container' | 'process';
}

/** The folder that is meant: the named one, else the nearest upward that has a dev container. */
export async function workspaceFolder({ workspace, cwd }: WorkspaceChoice): Promise<string> {
  return await resolveWorkspace(workspace, cwd);
}

/** The Compose dev container that is meant; `undefined` where the workspace has none that can be wired. */
export async function composeContainer(choice: WorkspaceChoice): Promise<ComposeDevContainer | undefined> {
  const workspace = await workspaceFolder(choice);
  if (choice.config === undefined && (await findConfigurations(workspace)).length === 0) return undefined;
  const file = await configurationOf(choice, workspace);
  const model = await readDevContainer(file, workspace, choice.env);
  return model.kind === 'compose' ? model : undefined;
}

/** The configuration that is meant; of several the one that is wired, as nothing else of the workspace has a gateway. */
async function configurationOf(choice: WorkspaceChoice, workspace: string): Promise<string> {
  const all = choice.config === undefined ? await findConfigurations(workspace) : [];
  const [wired, ...others] = all.length > 1 ? await wiredAmong(all, workspace, choice.env) : [];
  if (wired !== undefined && others.length === 0) return wired;
  return await chooseConfiguration(workspace, { config: choice.config, cwd: choice.cwd });
}

/** One that cannot be read is not wired by us: a draft of another one must not be in the way. */
async function wiredAmong(
  files: readonly string[],
  workspace: string,
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const wired = await Promise.all(
    files.map(async (file) => {
      try {
        const model = await readDevContainer(file, workspace, env);
        return model.kind === 'compose' && model.wired ? [file] : [];
      } catch (error) {
        if (error instanceof AppError) return [];
        throw error;
      }
    }),
  );
  return wired.flat();
}

/**
 * Where the workspace's gateway answers: its sidecar by the engine, else a gateway process of this machine. `undefined`
 * when neither runs. Throws for files that cannot be read, and why a sidecar is not reached where no such process runs;
 * not for an engine that is missing.
 */
export async function locateWorkspaceGateway(
  choice: WorkspaceChoice,
  runtime?: ContainerRuntime,
): Promise<LocatedGateway | undefined> {
  const container = await composeContainer(choice);
  if (container?.wired !== true) return await localGateway(choice);
  try {
    const address = await sidecarAddress(container, runtime ?? (await engineOf(choice)));
    if (address) return { kind: 'container', ...address };
  } catch (error) {
    const local = error instanceof AppError ? await localGateway(choice) : undefined;
    if (!local) throw error;
    return local;
  }
  return await localGateway(choice);
}

async function localGateway(choice: WorkspaceChoice): Promise<LocatedGateway | undefined> {
  const address = await localAddress(await filesOf(choice));
  return address && { kind: 'process', ...address };
}

async function sidecarAddress(
  owner: ComposeDevContainer,
  runtime: ContainerRuntime,
): Promise<GatewayAddress | undefined> {
  if (runtime.kind === 'none') return undefined;
  const found = await findSidecar(runtime, owner);
  if (!found) return undefined;
  const details = await runtime.inspect(found.id);
  const trouble = elsewhereTrouble(runtime, details);
  if (trouble) throw new AppError('unreachable', trouble.reason, { next: trouble.next });
  return await addressOf(runtime, details, owner.configDir);
}

/**
 * The manager of the workspace's own gateway: a local process where one is asked for or recorded, or where there is
 * nothing to put a sidecar beside; else the sidecar. With `creating` the last case throws: a process must be asked for.
 */
export async function workspaceManager(
  choice: WorkspaceChoice,
  options: ManagerChoice,
): Promise<GatewayManager> {
  const container = options.local === true ? undefined : await composeContainer(choice);
  const recorded = (await readRecord(await filesOf(choice))) !== undefined;
  if (container && (container.wired || !recorded))
    return new ContainerManager(container, await engineOf(choice), choice.env, options.kind);
  if (options.creating === true && options.local !== true && !recorded) {
    throw new AppError(
      'not-found',
      `The workspace ${await workspaceFolder(choice)} has no Compose dev container and no gateway.`,
      {
        next: step('Run a gateway as a process on this machine.', 'up', '--local'),
      },
    );
  }
  return await localManager(choice, options);
}

async function localManager(
  choice: WorkspaceChoice,
  { kind, variables = [] }: ManagerChoice,
): Promise<GatewayManager> {
  const workspace = await workspaceFolder(choice);
  const settings = {
    workspace,
    servers: await serversFile(choice),
    files: await filesOf(choice),
    program: await gatewayProgram(),
    variables,
  };
  return new LocalProcessManager(settings, choice.env, kind);
}

/**
 * The servers file of a workspace, beside the configuration that is meant; where none is, or several are, in the folder
 * `.devcontainer`. It need not exist.
 */
export async function serversFile(choice: WorkspaceChoice): Promise<string> {
  const workspace = await workspaceFolder(choice);
  const config = await configurationOf(choice, workspace).catch((error: unknown) => {
    if (choice.config === undefined && error instanceof AppError) return undefined;
    throw error;
  });
  const configDir = config === undefined ? path.join(workspace, '.devcontainer') : path.dirname(config);
  return path.join(configDir, sidecar.folder, sidecar.serversFile);
}

async function filesOf(choice: WorkspaceChoice) {
  return processFiles(await workspaceStateDir(await workspaceFolder(choice), choice.env));
}

async function engineOf(choice: WorkspaceChoice): Promise<ContainerRuntime> {
  return await findEngine(thisMachine(choice.env));
}
