import path from 'node:path';
import { dotEnvValue, readDotEnv } from './dot-env';
import type { Environment } from '../platform/environment';
import { interpolate } from './interpolate';
import { readYaml } from './yaml-document';

/**
 * The Compose project of a dev container, as `@devcontainers/cli` names it: `COMPOSE_PROJECT_NAME` from the
 * environment, from the workspace's `.env` or from the one beside the first Compose file, the last `name:` of the
 * Compose files, `<folder>_devcontainer` when the first file stands in the workspace's `.devcontainer`, else the
 * name of the first file's folder. Variables in a `name:` are those of the environment and of `envFile`, by default the
 * `.env` beside the first Compose file.
 * @see https://github.com/devcontainers/cli/blob/main/src/spec-node/dockerCompose.ts `getProjectName`
 */
export async function composeProjectName(
  composeFiles: readonly string[],
  workspace: string,
  env: Environment,
  envFile?: string,
): Promise<string> {
  const first = composeFiles[0];
  const projectFolder = first === undefined ? workspace : path.dirname(first);
  const variables = { ...(await readDotEnv(envFile ?? path.join(projectFolder, '.env'), env)), ...env };
  const chosen = [
    env['COMPOSE_PROJECT_NAME'],
    await dotEnvValue(path.join(workspace, '.env'), 'COMPOSE_PROJECT_NAME'),
    await dotEnvValue(path.join(projectFolder, '.env'), 'COMPOSE_PROJECT_NAME'),
    await nameInFiles(composeFiles, variables),
  ];
  for (const name of chosen) {
    const normalised = normaliseProjectName(name ?? '');
    if (normalised !== '') return normalised;
  }
  if (path.relative(projectFolder, path.join(workspace, '.devcontainer')) === '') {
    return normaliseProjectName(`${path.basename(workspace)}_devcontainer`);
  }
  // Here the CLI takes the name that Compose itself derives, and Compose drops leading marks.
  return normaliseProjectName(path.basename(projectFolder)).replace(/^[-_]+/, '');
}

/** Lower case, without the characters that Compose refuses. */
function normaliseProjectName(name: string): string {
  return name.toLowerCase().replace(/[^-_a-z0-9]/g, '');
}

/** Compose resolves it, and drops leading marks as it does. */
async function nameInFiles(files: readonly string[], variables: Environment): Promise<string | undefined> {
  for (const file of [...files].reverse()) {
    const name: unknown = (await readYaml(file)).document.get('name');
    if (typeof name === 'string' && name !== '')
      return interpolate(name, variables).replace(/^[^a-zA-Z0-9]+/, '');
  }
  return undefined;
}
