import type { ComposeDevContainer } from '../devcontainer/read';
import { sidecar } from '../devcontainer/sidecar';
import type { PrestartOutcome } from '../devcontainer/wiring';
import { AppError } from '../platform/errors';
import { ContainerManager } from './container-manager';
import { detachUsers } from './detach';
import { findEngine, thisMachine } from './engine/endpoint';
import type { WorkOptions } from './manager';
import type { ContainerRuntime, Resource } from './runtime';
import { composeLabels, findSidecar, projectLabel, type SidecarOwner } from './sidecar-container';

const prestartMs = 60_000;

/**
 * Builds and starts the sidecar before devcontainer.json names it, so that a broken one shows here and not when the dev
 * container is opened. Where there is no engine nothing is started, and the outcome says so. Throws what `up` throws;
 * what a failed first try made is taken away again.
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
  const before = await findSidecar(runtime, owner);
  try {
    const manager = new ContainerManager({ ...owner, wired: true }, runtime, env);
    const { state, notes } = await manager.up({ ...options, build: true, timeoutMs: prestartMs });
    if (state.status === 'failed') throw new AppError('engine', state.reason, { next: state.next });
    const [note] = 'reason' in state ? [`The gateway is ${state.status}: ${state.reason}`] : notes;
    return { started: true, ...(note === undefined ? {} : { note }) };
  } catch (error) {
    if (!before) await teardownSidecar(owner, runtime);
    throw error;
  }
}

/** What was taken away, and what is still used by something that is not ours. */
export interface Teardown {
  removed: string[];
  kept: string[];
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
 * used even then is kept and named.
 */
export async function teardownSidecar(
  owner: SidecarOwner,
  runtime: ContainerRuntime,
  detach: () => Promise<void> = () => Promise.resolve(),
): Promise<Teardown> {
  const result: Teardown = { removed: [], kept: [] };
  const container = await findSidecar(runtime, owner);
  if (container) {
    await runtime.remove(container.id);
    result.removed.push(`container ${container.name}`);
  }
  await detach();
  const project = container?.labels[composeLabels.project] ?? owner.projectName;
  for (const resource of await resourcesOfOurs(runtime, project)) {
    const gone = await runtime.removeResource(resource);
    (gone ? result.removed : result.kept).push(`${resource.kind} ${resource.name}`);
  }
  return result;
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
