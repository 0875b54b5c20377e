import type { ComposeDevContainer } from '../devcontainer/read';
import { sidecar } from '../devcontainer/sidecar';
import type { PrestartOutcome } from '../devcontainer/wiring';
import { AppError, messageOf } from '../platform/errors';
import { ContainerManager } from './container-manager';
import { detachUsers } from './detach';
import { findEngine, thisMachine } from './engine/endpoint';
import type { WorkOptions } from './manager';
import type { ContainerRuntime, ContainerSummary, Resource } from './runtime';
import type { Trouble } from './state';
import { findSidecar, lookForSidecar, strangerIn, strangerTrouble, type Stranger } from './find-sidecar';
import { composeLabels, projectLabel, type SidecarOwner } from './sidecar-container';

const prestartMs = 60_000;

/**
 * Builds and starts the sidecar before devcontainer.json names it, so that a broken one shows here and not when the dev
 * container is opened. Where there is no engine nothing is started, and the outcome says so. Throws what `up` throws.
 * What a failed try made is taken away again, and nothing else: volumes that were there hold secrets.
 */
export async function prestartSidecar(
  owner: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  options: WorkOptions,
): Promise<PrestartOutcome> {
  const runtime = await findEngine(thisMachine(env));
  if (runtime.kind === 'none') {
    const note =
      'There is no container engine here: the gateway is built and started when the dev container is opened.';
    return { started: false, note };
  }
  const before = await holdings(owner, runtime);
  const undo = async (): Promise<void> => await removeNew(owner, runtime, before);
  try {
    const manager = new ContainerManager({ ...owner, wired: true }, runtime, env);
    const { state, notes } = await manager.up({ ...options, build: true, timeoutMs: prestartMs });
    if (state.status === 'failed') throw new AppError('engine', state.reason, { next: state.next });
    const [note] = 'reason' in state ? [`The gateway is ${state.status}: ${state.reason}`] : notes;
    return { started: true, undo, ...(note === undefined ? {} : { note }) };
  } catch (error) {
    await undo().catch((failure: unknown) =>
      options.progress(`what the failed start made could not be taken away: ${messageOf(failure)}`),
    );
    throw error;
  }
}

/** What the engine holds of ours for one dev container. */
interface Holdings {
  container: ContainerSummary | undefined;
  resources: readonly Resource[];
}

async function holdings(owner: SidecarOwner, runtime: ContainerRuntime): Promise<Holdings> {
  const container = await findSidecar(runtime, owner);
  return { container, resources: await resourcesOfOurs(runtime, owner.projectName) };
}

/** Removes what was not there before. A container that was is left with all it uses. */
async function removeNew(owner: SidecarOwner, runtime: ContainerRuntime, before: Holdings): Promise<void> {
  if (before.container) return;
  const container = await findSidecar(runtime, owner);
  if (container) await runtime.remove(container.id);
  const old = new Set(before.resources.map(({ kind, name }) => `${kind} ${name}`));
  const { resources } = await holdings(owner, runtime);
  for (const resource of resources)
    if (!old.has(`${resource.kind} ${resource.name}`)) await runtime.removeResource(resource);
}

/** Removes the container that an interrupted `add` may have left. Volumes stay: an earlier wiring may have made them. */
export async function removeContainerHere(
  owner: SidecarOwner,
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const runtime = await findEngine(thisMachine(env));
  const container = runtime.kind === 'none' ? undefined : await findSidecar(runtime, owner);
  if (!container) return undefined;
  await runtime.remove(container.id);
  return `container ${container.name}`;
}

/** What was taken away, and what is still used by something that is not ours. */
export interface Teardown {
  removed: string[];
  kept: string[];
  /** Why what the engine may hold of ours was left alone, and what removes it. */
  untouched?: Trouble;
}

/** `teardownSidecar` by the engine of this machine; where there is none, nothing of ours can be there. */
export async function teardownHere(
  owner: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  options: WorkOptions,
): Promise<Teardown> {
  const runtime = await findEngine(thisMachine(env));
  if (runtime.kind === 'none') return { removed: [], kept: [] };
  return await teardownSidecar(owner, runtime, async () => await detachUsers(owner, runtime, env, options));
}

/**
 * Removes what the engine holds of ours: the container, its volumes and images, and the project's networks where nothing
 * else of the project is left. `detach` is called before the volumes go, as the dev container mounts one of them; what is
 * used even then is kept and named. In a project that another folder has too, everything that may be the other's is left.
 */
export async function teardownSidecar(
  owner: SidecarOwner,
  runtime: ContainerRuntime,
  detach: () => Promise<void> = () => Promise.resolve(),
): Promise<Teardown> {
  const result: Teardown = { removed: [], kept: [] };
  const found = await lookForSidecar(runtime, owner);
  const container = found?.stranger === undefined ? found?.container : undefined;
  if (container) {
    await runtime.remove(container.id);
    result.removed.push(`container ${container.name}`);
  }
  const project = container?.labels[composeLabels.project] ?? owner.projectName;
  const stranger = await strangerIn(runtime, { ...owner, projectName: project });
  if (stranger) return { ...result, untouched: sharedTrouble(owner, stranger) };
  await detach();
  for (const resource of await resourcesOfOurs(runtime, project)) {
    const gone = await runtime.removeResource(resource);
    (gone ? result.removed : result.kept).push(`${resource.kind} ${resource.name}`);
  }
  return result;
}

function sharedTrouble(owner: SidecarOwner, { container, file }: Stranger): Trouble {
  return {
    reason: `${strangerTrouble(owner, container, file).reason}; the volumes and images of the project stay`,
    next: `To remove them too, run "devcontainer-mcp remove" in the folder of ${file}.`,
  };
}

async function resourcesOfOurs(runtime: ContainerRuntime, projectName: string): Promise<Resource[]> {
  const project = projectLabel(projectName);
  const ours = [project, sidecar.labels.gateway];
  const rest = await runtime.listContainers([project]);
  return [
    ...(await runtime.listResources('volume', ours)),
    ...(await runtime.listResources('image', ours)),
    ...(rest.length === 0 ? await runtime.listResources('network', [project]) : []),
  ];
}
