import path from 'node:path';
import type { ComposeDevContainer } from '../../devcontainer/read';
import { sidecar } from '../../devcontainer/sidecar';
import { exists } from '../../platform/files';
import { Compose } from './compose';
import type { WorkOptions } from '../manager';
import type { ContainerRuntime, ContainerSummary } from '../engine/runtime';
import { composeLabels, projectLabel } from './container';

/**
 * Creates the containers of the project that mount a volume of ours anew, from the Compose files that each was made from
 * but ours: a volume cannot be taken from a container that exists. As with every rebuild, what was written inside the
 * container and outside its mounts is lost, and the Dev Containers tools run their create commands again. A container
 * whose files are not all there any more is left alone.
 */
export async function detachUsers(
  owner: ComposeDevContainer,
  runtime: ContainerRuntime,
  env: NodeJS.ProcessEnv,
  options: WorkOptions,
): Promise<void> {
  const project = projectLabel(owner.projectName);
  const volumes = await runtime.listResources('volume', [project, sidecar.labels.gateway]);
  const ours = new Set(volumes.map(({ name }) => name));
  for (const container of await runtime.listContainers([project])) {
    const { mounts } = await runtime.inspect(container.id);
    const uses = mounts.some(({ type, source }) => type === 'volume' && ours.has(source));
    if (uses) await recreate(container, owner, { ...env, ...runtime.environment }, options);
  }
}

async function recreate(
  { labels, name, status }: ContainerSummary,
  owner: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  options: WorkOptions,
): Promise<void> {
  const service = labels[composeLabels.service];
  const all = (labels[composeLabels.files] ?? '').split(',').filter((file) => file !== '');
  const composeFiles = all.filter((file) => file !== path.join(owner.configDir, sidecar.composeFile));
  const present = await Promise.all(composeFiles.map(exists));
  if (service === undefined || composeFiles.length === 0 || present.includes(false)) return;
  options.progress(`Creating ${name} again without the gateway.`);
  const compose = await Compose.find(env, options.signal);
  const project = {
    projectName: owner.projectName,
    composeFiles,
    projectDir: labels[composeLabels.folder] ?? owner.projectDir,
    composeEnvFile: owner.composeEnvFile,
  };
  if (status === 'running') await compose.up(project, service, options);
  else await compose.create(project, service, options);
}
