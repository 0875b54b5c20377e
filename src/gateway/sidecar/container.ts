import type { GatewayAddress } from '../address';
import path from 'node:path';
import type { Environment } from '../../platform/environment';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError } from '../../platform/errors';
import { readRepositoryText } from '../../platform/files';
import type { ContainerDetails, ContainerRuntime } from '../engine/runtime';
import type { Trouble } from '../watch/state';
import { tokenEnvFile } from '../resolve/token-env';
import { tokenIn, tokenInFile } from '../resolve/token';
import { step } from '../../platform/next-step';

export const composeLabels = {
  project: 'com.docker.compose.project',
  service: 'com.docker.compose.service',
  files: 'com.docker.compose.project.config_files',
  folder: 'com.docker.compose.project.working_dir',
} as const;

/** The wired configuration whose sidecar is meant. */
export interface SidecarOwner {
  workspace: string;
  configDir: string;
  projectName: string;
}

/** The label of everything that Compose made for a project. */
export function projectLabel(projectName: string): string {
  return `${composeLabels.project}=${projectName}`;
}

/** The address on the host that the engine published the gateway's port at; read again after each start. */
function publishedUrl(details: ContainerDetails): URL | undefined {
  const port = details.ports.find(({ containerPort }) => containerPort === sidecar.port);
  return port && new URL(`http://127.0.0.1:${port.hostPort}/mcp`);
}

/** The token that the running gateway takes: the one it published, else the one of the wiring. */
export async function tokenOf(
  runtime: ContainerRuntime,
  container: string,
  configDir: string,
): Promise<string | undefined> {
  return (await publishedToken(runtime, container)) ?? (await tokenInFile(tokenEnvFile(configDir)));
}

/** The token that a gateway published in its container, running or not. */
export async function publishedToken(
  runtime: ContainerRuntime,
  container: string,
): Promise<string | undefined> {
  const content = await runtime.readFile(container, sidecar.tokenMountFile);
  return content && tokenIn(content.toString('utf8'), `${container}:${sidecar.tokenMountFile}`);
}

/** Why a sidecar that runs is not reached from here, and the way to it; `undefined` where it is on this machine. */
export function elsewhereTrouble(
  { elsewhere }: ContainerRuntime,
  details: ContainerDetails,
): Trouble | undefined {
  if (elsewhere === undefined || details.status !== 'running') return undefined;
  const port = publishedUrl(details)?.port ?? 'PORT';
  return {
    reason: `Container ${details.name} runs on ${elsewhere}, the machine of the engine. Its port is published only there.`,
    next: step(
      `Forward the port with "ssh -N -L 8811:127.0.0.1:${port} ${elsewhere}", then pass --url http://127.0.0.1:8811/mcp.`,
    ),
  };
}

/** Where a running sidecar answers on this machine; `undefined` where it does not. */
export async function addressOf(
  runtime: ContainerRuntime,
  details: ContainerDetails,
  configDir: string,
): Promise<GatewayAddress | undefined> {
  const url = runtime.elsewhere === undefined ? publishedUrl(details) : undefined;
  if (!url || details.status !== 'running') return undefined;
  return { url, token: await tokenOf(runtime, details.id, configDir), source: `container ${details.name}` };
}

/** The base image that the sidecar would be built from, as our Compose file and the environment say. */
export async function baseImage(configDir: string, env: Environment): Promise<string | undefined> {
  const text = await readRepositoryText(path.join(configDir, sidecar.composeFile));
  const value = /^[\t ]*BASE_IMAGE:[\t ]*["']?([^\s"']+)/m.exec(text ?? '')?.[1];
  const [, variable, fallback] = /^\$\{(\w+):?-([^}]*)\}$/.exec(value ?? '') ?? [];
  return variable === undefined ? value : env[variable] || fallback;
}

/** The error for work on a sidecar that was never created. */
export function notCreated(owner: SidecarOwner): AppError {
  return new AppError('not-found', `The gateway of ${owner.workspace} has not been created.`, {
    next: step('Create and start the gateway.', 'up'),
  });
}
