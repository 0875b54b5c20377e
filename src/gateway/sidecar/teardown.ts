import type { ComposeDevContainer } from '../../devcontainer/read';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError } from '../../platform/errors';
import { detachUsers } from './detach';
import { findEngine, thisMachine } from '../engine/endpoint';
import { isMadeFrom, lookForSidecar, strangerIn, strangerTrouble, type Stranger } from './find';
import { isInside } from '../resolve/inside';
import { forgetLeft, isLeft, noteLeft } from './left-in-engine';
import type { WorkOptions } from '../manager';
import type { ContainerRuntime, ContainerSummary, Resource } from '../engine/runtime';
import { composeLabels, projectLabel, type SidecarOwner } from './container';
import type { Trouble } from '../watch/state';
import { step, stepElsewhere } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** What was taken away, and what is still used by something that is not ours. */
export interface Teardown {
  removed: string[];
  kept: string[];
  /** Why what the engine may hold of ours was left alone, and what removes it. */
  untouched?: Trouble;
}

/**
 * `teardownSidecar` by the engine of this machine. Where none answers, the outcome says what may be left and how it is
 * removed; inside a dev container, from where no engine is reached, that is `no-engine`.
 */
export async function teardownHere(
  owner: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  options: WorkOptions,
): Promise<Teardown> {
  const engine = await reachEngine(env);
  if (engine.runtime) {
    const runtime = engine.runtime.within(options.signal);
    const detach = async (): Promise<void> => await detachUsers(owner, runtime, env, options);
    const result = await teardownSidecar(owner, runtime, detach);
    if (result.kept.length > 0) await noteLeft(owner, env);
    else if (!result.untouched) await forgetLeft(owner, env);
    return result;
  }
  if (isInside(env))
    throw new AppError(
      'no-engine',
      'Removing the gateway needs the container engine, which is not reachable from inside the dev container.',
      {
        next: stepElsewhere(
          'Run this command on the machine that has the container engine, in the folder of the workspace.',
          'remove',
        ),
      },
    );
  await noteLeft(owner, env);
  return { removed: [], kept: [], untouched: unasked(owner, engine.reason) };
}

/** What the engine holds of a dev container that is not wired. */
export interface Leftovers {
  /** In words. */
  items: string[];
  /** Why that cannot be told. */
  untouched?: Trouble;
  /**
   * The command that removes them, where they may be another folder's: only their project's name is known, and a clone
   * that has no container at present has the same.
   */
  unproven?: string;
}

/** What the engine of this machine still holds of ours. */
export async function leftoversHere(
  owner: SidecarOwner,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Leftovers> {
  const engine = await reachEngine(env);
  if (!engine.runtime) return { items: [], untouched: unasked(owner, engine.reason) };
  const runtime = engine.runtime.within(signal);
  if (await strangerIn(runtime, owner)) return { items: [] };
  const container = await ownContainer(owner, runtime);
  const resources = await resourcesOfOurs(runtime, owner.projectName);
  const ours = resources.filter(({ kind }) => kind !== 'network');
  const items = [
    ...(container ? [`container ${container.name}`] : []),
    ...ours.map(({ kind, name }) => `${kind} ${name}`),
  ];
  const proven = (container && isMadeFrom(container.labels, owner)) || (await isLeft(owner, env));
  return { items, ...(proven ? {} : { unproven: byHand(owner) }) };
}

/** Removes the container that an interrupted `add` may have left. Volumes stay: an earlier wiring may have made them. */
export async function removeContainerHere(
  owner: SidecarOwner,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string | undefined> {
  const runtime = (await reachEngine(env)).runtime?.within(signal);
  const container = runtime && (await ownContainer(owner, runtime));
  if (!container) return undefined;
  await runtime.remove(container.id);
  return `container ${container.name}`;
}

/** The engine of this machine, or why none is reached: none answers, or its address is one that we do not speak. */
async function reachEngine(
  env: NodeJS.ProcessEnv,
): Promise<{ runtime: ContainerRuntime; reason?: never } | { runtime?: never; reason: string }> {
  try {
    const runtime = await findEngine(thisMachine(env));
    await runtime.info();
    return { runtime };
  } catch (error) {
    if (error instanceof AppError) return { reason: error.message };
    throw error;
  }
}

/** What may be left where the engine could not be asked. */
function unasked(owner: SidecarOwner, reason: string): Trouble {
  return {
    reason: `${sentence(reason)} The container of the gateway, its image and its two volumes with secrets may still exist.`,
    next: step(
      `Remove them by hand (${byHand(owner)}), or run this command again when the engine runs.`,
      'remove',
    ),
  };
}

function byHand({ projectName }: SidecarOwner): string {
  const volumes = ['state', 'token'].map((name) => `${projectName}_${sidecar.service}-${name}`);
  const image = `${projectName}-${sidecar.service}`;
  return `docker rm --force ${image}-1; docker volume rm ${volumes.join(' ')}; docker image rm ${image}`;
}

async function ownContainer(
  owner: SidecarOwner,
  runtime: ContainerRuntime,
): Promise<ContainerSummary | undefined> {
  const found = await lookForSidecar(runtime, owner);
  return found?.stranger === undefined ? found?.container : undefined;
}

/**
 * Removes what the engine holds of ours: the container, its volumes and images, and the project's networks where nothing
 * else of the project is left. `detach` is called before the volumes go, as the dev container mounts one of them; what is
 * used even then is kept and named. In a project that another folder has too, everything that may be the other's is left.
 */
async function teardownSidecar(
  owner: SidecarOwner,
  runtime: ContainerRuntime,
  detach: () => Promise<void>,
): Promise<Teardown> {
  const result: Teardown = { removed: [], kept: [] };
  const container = await ownContainer(owner, runtime);
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
    reason: `${strangerTrouble(owner, container, file).reason} The volumes and images of the project are kept.`,
    next: step(`Run this command in the folder of ${file} to remove them too.`, 'remove'),
  };
}

/** Volumes and images of ours in a project, and its networks where no container is left in it. */
export async function resourcesOfOurs(runtime: ContainerRuntime, projectName: string): Promise<Resource[]> {
  const project = projectLabel(projectName);
  const ours = [project, sidecar.labels.gateway];
  const rest = await runtime.listContainers([project]);
  return [
    ...(await runtime.listResources('volume', ours)),
    ...(await runtime.listResources('image', ours)),
    ...(rest.length === 0 ? await runtime.listResources('network', [project]) : []),
  ];
}
