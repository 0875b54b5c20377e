import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError, systemCode } from '../../platform/errors';
import type { ContainerEvent, ContainerRuntime, ContainerSummary } from '../engine/runtime';
import { composeLabels, projectLabel, type SidecarOwner } from './container';
import { step } from '../../platform/next-step';
import type { Trouble } from '../watch/state';

/** Labels of the sidecar of any project. */
const sidecarLabels = [`${composeLabels.service}=${sidecar.service}`];

/** A sidecar that was found for a configuration, and whether it is its own. */
export interface FoundSidecar {
  container: ContainerSummary;
  /** The Compose file of another configuration that it was made from: two of them have one project name. */
  stranger: string | undefined;
}

/**
 * The sidecar of a configuration: the container that was made from its Compose file, even where the project was named by
 * an environment that we do not have; else the one of its project, such as after the folder was moved.
 */
export async function lookForSidecar(
  runtime: ContainerRuntime,
  owner: SidecarOwner,
): Promise<FoundSidecar | undefined> {
  const all = await Promise.all(
    (await runtime.listContainers(sidecarLabels)).map(async (container) => ({
      container,
      origin: await originOf(container.labels, owner),
    })),
  );
  const own = all.find(({ origin }) => origin.of === 'owner');
  if (own) return { container: own.container, stranger: undefined };
  const ofProject = all.filter(
    ({ container }) => container.labels[composeLabels.project] === owner.projectName,
  );
  const found = ofProject.find(({ origin }) => origin.of === 'unknown') ?? ofProject[0];
  if (!found) return undefined;
  const { container, origin } = found;
  return { container, stranger: origin.of === 'another' ? origin.file : undefined };
}

/** The configuration's own sidecar. Throws `conflict` where its project has that of another folder instead. */
export async function findSidecar(
  runtime: ContainerRuntime,
  owner: SidecarOwner,
): Promise<ContainerSummary | undefined> {
  const found = await lookForSidecar(runtime, owner);
  if (found?.stranger === undefined) return found?.container;
  const { reason, next } = strangerTrouble(owner, found.container, found.stranger);
  throw new AppError('conflict', reason, { next });
}

/** What is wrong when the sidecar of a project is another folder's. */
export function strangerTrouble(
  { projectName, workspace }: SidecarOwner,
  { name }: ContainerSummary,
  stranger: string,
): Trouble {
  const reason = `The Compose project ${projectName} has the gateway of another configuration: its container ${name} was created from ${stranger}.`;
  // Two configurations beside each other read the same .env.
  const beside = !path.relative(workspace, stranger).startsWith('..');
  const next = beside
    ? step(
        'Remove the other gateway first.',
        'remove',
        '--config',
        path.relative(workspace, path.dirname(stranger)) || '.devcontainer.json',
      )
    : step(
        'Give one of the two folders a project name of its own (COMPOSE_PROJECT_NAME=… in its .env), then run the command again.',
      );
  return { reason, next };
}

/** A container of another configuration in the owner's project, and our Compose file that it was made with. */
export interface Stranger {
  container: ContainerSummary;
  file: string;
}

/**
 * A container of the owner's project that another wired configuration made, be it the sidecar or a service beside it:
 * what the project holds of ours is then not the owner's alone.
 */
export async function strangerIn(
  runtime: ContainerRuntime,
  owner: SidecarOwner,
): Promise<Stranger | undefined> {
  for (const container of await runtime.listContainers([projectLabel(owner.projectName)])) {
    const origin = await originOf(container.labels, owner);
    if (origin.of === 'another') return { container, file: origin.file };
  }
  return undefined;
}

/** Whose Compose file of ours a container was made with; one that this machine does not have is nobody's. */
type Origin = { of: 'owner' | 'unknown' } | { of: 'another'; file: string };

async function originOf(labels: Readonly<Record<string, string>>, owner: SidecarOwner): Promise<Origin> {
  const own = path.join(owner.configDir, sidecar.composeFile);
  const files = (labels[composeLabels.files] ?? '').split(',');
  if (files.includes(own)) return { of: 'owner' };
  const ours = files.filter((file) => path.basename(file) === sidecar.composeFile);
  const present = await Promise.all(ours.map(realPathOf));
  const file = present.find((found) => found !== undefined);
  if (file === undefined) return { of: 'unknown' };
  return file === (await realPathOf(own)) ? { of: 'owner' } : { of: 'another', file };
}

/** The path behind links; `undefined` when nothing is there. What may not be looked at is there, and somebody else's. */
async function realPathOf(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch (error) {
    return ['EACCES', 'EPERM'].includes(systemCode(error) ?? '') ? file : undefined;
  }
}

/** Whether these labels say that Compose made the container from the owner's file. */
export function isMadeFrom(labels: Readonly<Record<string, string>>, owner: SidecarOwner): boolean {
  const file = path.join(owner.configDir, sidecar.composeFile);
  return (labels[composeLabels.files] ?? '').split(',').includes(file);
}

/** What changes how a container is. Others, such as reading a file from it, do not. */
const changes = /^(?:create|start|restart|die|stop|kill|oom|pause|unpause|destroy|rename|health_status)\b/;

/** The events that change the sidecar of an owner, until the signal aborts. */
export async function* sidecarEvents(
  runtime: ContainerRuntime,
  owner: SidecarOwner,
  signal: AbortSignal,
): AsyncGenerator<ContainerEvent> {
  for await (const event of runtime.events(sidecarLabels, signal)) {
    const ours = isMadeFrom(event.labels, owner) || event.labels[composeLabels.project] === owner.projectName;
    if (ours && changes.test(event.action)) yield event;
  }
}
