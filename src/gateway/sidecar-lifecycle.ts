import { sidecar } from '../devcontainer/sidecar';
import { Compose, type ComposeProject } from './compose';
import type { WorkOptions } from './manager';
import type { ContainerRuntime, Resource } from './runtime';
import { findSidecar, projectLabel, type SidecarOwner } from './sidecar-container';

export interface LifecycleHost {
  runtime: ContainerRuntime;
  env: NodeJS.ProcessEnv;
}

/**
 * Builds and starts the sidecar before devcontainer.json names it, so that a broken one shows here and not when the dev
 * container is opened. Throws `no-engine`, `compose` or `conflict`.
 */
export async function prestartSidecar(
  project: ComposeProject,
  host: LifecycleHost,
  options: WorkOptions,
): Promise<void> {
  await host.runtime.info();
  const compose = await Compose.find({ ...host.env, ...host.runtime.environment }, options.signal);
  await compose.build(project, sidecar.service, options);
  await compose.up(project, sidecar.service, options);
}

/** What was taken away, and what is still used by something that is not ours. */
export interface Teardown {
  removed: string[];
  kept: string[];
}

/**
 * Removes what the engine holds of ours: the container, its volumes and images, and the project's networks where nothing
 * else of the project is left. What another container uses (the dev container mounts the token volume) is kept and named.
 */
export async function teardownSidecar(owner: SidecarOwner, runtime: ContainerRuntime): Promise<Teardown> {
  const result: Teardown = { removed: [], kept: [] };
  const container = await findSidecar(runtime, owner);
  if (container) {
    await runtime.remove(container.id);
    result.removed.push(`container ${container.name}`);
  }
  const project = container?.labels['com.docker.compose.project'] ?? owner.projectName;
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
