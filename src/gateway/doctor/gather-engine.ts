import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { ComposeDevContainer } from '../../devcontainer/read';
import { sidecar } from '../../devcontainer/sidecar';
import { findEngine, thisMachine } from '../engine/endpoint';
import type { ContainerRuntime } from '../engine/runtime';
import { lookForSidecar } from '../sidecar/find';
import { composeLabels, projectLabel } from '../sidecar/container';
import type { EngineFacts, SidecarFacts } from './facts';
import { tried } from './trouble';

/** What the engine knows of the sidecar of a wired dev container. */
export async function engineFacts(
  owner: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<EngineFacts> {
  const { value, trouble } = await tried(async () => {
    const runtime = (await findEngine(thisMachine(env))).within(signal);
    return { sidecar: await sidecarFacts(owner, runtime) };
  });
  signal.throwIfAborted();
  return trouble ? { asked: 'failed', trouble } : { asked: 'yes', sidecar: value?.sidecar };
}

async function sidecarFacts(
  owner: ComposeDevContainer,
  runtime: ContainerRuntime,
): Promise<SidecarFacts | undefined> {
  const found = (await lookForSidecar(runtime, owner))?.container;
  if (!found) return undefined;
  const { name, ports, networks } = await runtime.inspect(found.id);
  const named = (found.labels[composeLabels.files] ?? '').split(',').filter((file) => file !== '');
  const madeFrom = await present(named);
  const [ours] = await present([path.join(owner.configDir, sidecar.composeFile)]);
  return {
    name,
    ports: ports.filter(({ containerPort }) => containerPort === sidecar.port),
    networks,
    madeFrom,
    own: ours !== undefined && madeFrom.includes(ours),
    appNetworks: await networksOfApp(owner, runtime),
  };
}

/** The real paths of the files that this machine has: an engine elsewhere names them in its own way. */
async function present(files: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    files.map(async (file) => (await tried(async () => await realpath(file))).value),
  );
  return found.filter((file) => file !== undefined);
}

async function networksOfApp(
  { projectName, service }: ComposeDevContainer,
  runtime: ContainerRuntime,
): Promise<readonly string[]> {
  const labels = [projectLabel(projectName), `${composeLabels.service}=${service}`];
  const running = (await runtime.listContainers(labels)).find(({ status }) => status === 'running');
  return running ? (await runtime.inspect(running.id)).networks : [];
}
