import type { ComposeDevContainer } from '../../devcontainer/read';
import type { PrestartOutcome } from '../../devcontainer/wiring';
import { AppError, LeftoverError, messageOf } from '../../platform/errors';
import type { Kind } from '../kind';
import { ContainerManager } from './manager';
import { findEngine, thisMachine } from '../engine/endpoint';
import type { WorkOptions } from '../manager';
import type { ContainerRuntime, ContainerSummary, Resource } from '../engine/runtime';
import { findSidecar } from './find';
import type { SidecarOwner } from './container';
import { resourcesOfOurs } from './teardown';
import { sentence } from '../../platform/sentence';

const prestartMs = 60_000;

/**
 * Builds and starts the sidecar before devcontainer.json names it, so that a broken one shows here and not when the dev
 * container is opened. Where there is no engine nothing is started, and the outcome says so. Throws what `up` throws.
 * What a failed try made is taken away again, and nothing else: volumes that were there hold secrets.
 */
export async function prestartSidecar(
  owner: ComposeDevContainer,
  env: NodeJS.ProcessEnv,
  kind: Kind,
  options: WorkOptions,
): Promise<PrestartOutcome> {
  const runtime = await findEngine(thisMachine(env));
  if (runtime.kind === 'none') {
    const note =
      'There is no container engine here. The gateway is built and started when the dev container is opened.';
    return { started: false, note };
  }
  const before = await holdings(owner, runtime.within(options.signal));
  const undo = async (): Promise<void> => await removeNew(owner, runtime, before);
  try {
    const manager = new ContainerManager({ ...owner, wired: true }, runtime, env, kind);
    const { state, notes } = await manager.up({ ...options, build: true, timeoutMs: prestartMs });
    if (state.status === 'failed') throw new AppError('engine', state.reason, { next: state.next });
    const [note] = 'reason' in state ? [`The gateway is ${state.status}. ${sentence(state.reason)}`] : notes;
    return { started: true, undo, ...(note === undefined ? {} : { note }) };
  } catch (error) {
    await undo().catch((failure: unknown) => {
      throw new LeftoverError(
        error,
        sentence(`What the start created could not be removed: ${messageOf(failure)}`),
        'Run the command again. It takes over the sidecar.',
      );
    });
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
