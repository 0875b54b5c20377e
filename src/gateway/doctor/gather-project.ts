import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { findConfigurations } from '../../devcontainer/find';
import { sidecar } from '../../devcontainer/sidecar';
import { readYaml, valueOfYaml } from '../../devcontainer/yaml-document';
import { readFileIfExists, readRepositoryText } from '../../platform/files';
import { trackedFiles } from '../../platform/git';
import { parseJsoncObject } from '../../platform/jsonc/jsonc';
import { committedSecrets } from './committed-secrets';
import { clientFiles, directServers } from './direct-servers';
import type { ProjectFacts } from './facts';
import { hostAccess } from './host-access';
import type { ProjectFile } from './project-files';
import { publicBinds } from './public-binds';
import { tried } from './trouble';

/** Apart from files of variables, more files than this are not searched for secrets, nor a file that is larger. */
const mostFiles = 5000;
const largestBytes = 512 * 1024;

/** What the project's own files do that the gateway is there to avoid. `composeFiles` are those of the dev container. */
export async function projectFacts(
  workspace: string,
  composeFiles: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ProjectFacts> {
  const settings = await settingsFiles(workspace, composeFiles);
  const tracked = await trackedFiles(workspace, env);
  return {
    binds: settings.flatMap(publicBinds),
    direct: settings.flatMap(directServers),
    access: settings.flatMap(hostAccess),
    secrets: tracked === undefined ? undefined : await secretsOf(workspace, tracked, settings),
  };
}

async function settingsFiles(workspace: string, composeFiles: readonly string[]): Promise<ProjectFile[]> {
  const configurations = (await tried(async () => await findConfigurations(workspace))).value ?? [];
  const named = [workspace, path.join(workspace, '.devcontainer')];
  const beside = (await Promise.all(named.map(composeIn))).flat();
  const compose = [...new Set([...composeFiles, ...beside])].filter(
    (file) => path.basename(file) !== sidecar.composeFile,
  );
  const clients = Object.keys(clientFiles).map((name) => path.join(workspace, name));
  const kinds = [
    ...configurations.map((file) => ({ file, kind: 'devcontainer' as const })),
    ...compose.map((file) => ({ file, kind: 'compose' as const })),
    ...clients.map((file) => ({ file, kind: 'client' as const })),
  ];
  const files = await Promise.all(
    kinds.map(async ({ file, kind }) => await settingsFile(workspace, file, kind)),
  );
  return files.filter((file) => file !== undefined);
}

async function composeIn(folder: string): Promise<string[]> {
  const names = (await tried(async () => await readdir(folder))).value ?? [];
  return names
    .filter((name) => /^(?:docker-)?compose[\w.-]{0,100}\.ya?ml$/.test(name))
    .map((name) => path.join(folder, name));
}

/** A file that cannot be read or parsed tells nothing here: other rules name it. */
async function settingsFile(
  workspace: string,
  file: string,
  kind: ProjectFile['kind'],
): Promise<ProjectFile | undefined> {
  const { value: text } = await tried(async () => await readRepositoryText(file));
  if (text === undefined) return undefined;
  const { value } = await tried(async () => {
    if (kind === 'compose') return valueOfYaml(await readYaml(file));
    return file.endsWith('.toml') ? undefined : parseJsoncObject(text.replace(/^\uFEFF/, ''), file);
  });
  return { name: nameIn(workspace, file), kind, text, value };
}

async function secretsOf(
  workspace: string,
  tracked: readonly string[],
  settings: readonly ProjectFile[],
): Promise<string[]> {
  const known = new Map(settings.map((file) => [file.name, file]));
  const found: string[] = [];
  // Files of variables first: secrets are most often there.
  const isOfVariables = (file: string): boolean => path.basename(file).includes('.env');
  const ordered = [
    ...tracked.filter(isOfVariables),
    ...tracked.filter((file) => !isOfVariables(file)).slice(0, mostFiles),
  ];
  for (const file of ordered) {
    const name = nameIn(workspace, file);
    const { value: bytes } = await tried(
      async () => await readFileIfExists(file, { maxBytes: largestBytes }),
    );
    if (bytes === undefined || bytes.subarray(0, 1024).includes(0)) continue;
    const kind = known.get(name)?.kind ?? 'other';
    found.push(...committedSecrets({ name, kind, text: bytes.toString('utf8'), value: undefined }));
    if (found.length >= 50) break;
  }
  return found;
}

function nameIn(workspace: string, file: string): string {
  return path.relative(workspace, file).split(path.sep).join('/');
}
