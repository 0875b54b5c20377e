import os from 'node:os';
import path from 'node:path';
import type { ComposeModel, ComposeMount, ComposeService } from './compose-project';
import { type ComposeFile, type FileService, parseComposeFile } from './compose-yaml';
import { readDotEnv } from './dot-env';
import type { Environment } from '../platform/environment';
import { interpolate } from './interpolate';

/** Where relative paths and variables of a project's files come from. */
interface Project {
  dir: string;
  variables: Environment;
}

/** What one file says of a service; its relative paths resolve against `dir`. */
interface Fragment {
  service: FileService;
  dir: string;
  replaces: (key: keyof ComposeService) => boolean;
}

/**
 * Compose files read and merged by ourselves, for machines without Compose: services, networks and mounts, variables
 * from the environment and the `.env` file, `extends`. `include` is not followed.
 * A file that is not YAML, or not a Compose file, is a ParseError with line and column.
 */
export async function readComposeFiles(
  files: readonly string[],
  { projectDir, envFile }: { projectDir: string; envFile: string | undefined },
  env: Environment,
): Promise<ComposeModel> {
  const variables = { ...(await readDotEnv(envFile ?? path.join(projectDir, '.env'), env)), ...env };
  const project = { dir: projectDir, variables };
  const model: ComposeModel = { services: {}, externalNetworks: [] };
  for (const file of files) {
    const document = await parseComposeFile(file);
    for (const name of Object.keys(document.content.services ?? {})) {
      const fragments = await fragmentsOf(name, document, project);
      const base = model.services[name] ?? { networks: [], networkMode: undefined, volumes: [] };
      model.services[name] = fragments.reduce((merged, part) => mergeService(merged, part, project), base);
    }
    for (const [name, network] of Object.entries(document.content.networks ?? {})) {
      if (network !== null && network['external'] !== undefined && network['external'] !== false) {
        model.externalNetworks.push(name);
      }
    }
  }
  for (const service of Object.values(model.services)) {
    if (service.networks.length === 0 && service.networkMode === undefined) service.networks = ['default'];
  }
  return model;
}

/**
 * What a file says of a service, after what it says by `extends`, the farthest first. Compose resolves the paths of the
 * project's files against the project's folder, and those of a file that is only extended against that file's own.
 */
async function fragmentsOf(name: string, document: ComposeFile, project: Project): Promise<Fragment[]> {
  const fragments: Fragment[] = [];
  const seen = new Set<string>();
  let [file, key, dir] = [document, name, project.dir];
  while (!seen.has(`${file.path} ${key}`)) {
    seen.add(`${file.path} ${key}`);
    const service = file.content.services?.[key];
    if (service === null || service === undefined) break;
    const { replaced } = file;
    const label = key;
    fragments.unshift({ service, dir, replaces: (what) => replaced.has(`${label}.${keyInFile[what]}`) });
    if (service.extends === undefined) break;
    const target = typeof service.extends === 'string' ? { service: service.extends } : service.extends;
    key = target.service;
    if (target.file === undefined) continue;
    file = await parseComposeFile(path.resolve(dir, interpolate(target.file, project.variables)));
    dir = path.dirname(file.path);
  }
  return fragments;
}

const keyInFile: Record<keyof ComposeService, string> = {
  networks: 'networks',
  networkMode: 'network_mode',
  volumes: 'volumes',
};

function mergeService(base: ComposeService, part: Fragment, project: Project): ComposeService {
  const { service: over, replaces } = part;
  const networks = Array.isArray(over.networks) ? over.networks : Object.keys(over.networks ?? {});
  const mounts = (over.volumes ?? []).map((entry) => mountFrom(entry, part.dir, project));
  const kept = base.volumes.filter((mount) => !mounts.some((other) => other.target === mount.target));
  const mode = replaces('networkMode') ? undefined : base.networkMode;
  return {
    networks: [...new Set([...(replaces('networks') ? [] : base.networks), ...networks])],
    networkMode: over.network_mode === undefined ? mode : interpolate(over.network_mode, project.variables),
    volumes: [...(replaces('volumes') ? [] : kept), ...mounts],
  };
}

type VolumeEntry = string | { type: string; source?: string | undefined; target?: string | undefined };

function mountFrom(entry: VolumeEntry, dir: string, project: Project): ComposeMount {
  const { type, source: written, target = '' } = typeof entry === 'string' ? mountOfText(entry) : entry;
  const source = written === undefined ? undefined : interpolate(written, project.variables);
  const isBind = type === undefined ? isPath(source) : type === 'bind';
  // As it is written it can stand in another file of the project, but not in that of another folder.
  const keepsText = written?.includes('$') === true && dir === project.dir;
  return {
    type: type ?? (isBind ? 'bind' : 'volume'),
    source: isBind && source !== undefined ? resolveSource(source, dir) : source,
    target: interpolate(target, project.variables),
    ...(keepsText ? { written } : {}),
  };
}

function mountOfText(entry: string): { type: undefined; source: string | undefined; target: string } {
  // Colons inside `${…}` and of a Windows drive do not separate.
  const parts = entry.match(/(?:\$\{[^}]*(?:\}|$)|^[A-Za-z]:[\\/]|[^:])+/g) ?? [];
  const [source, target = ''] = parts.length === 1 ? [undefined, entry] : parts;
  return { type: undefined, source, target };
}

function isPath(source: string | undefined): boolean {
  return source !== undefined && /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(source);
}

function resolveSource(source: string, dir: string): string {
  return path.resolve(dir, source.replace(/^~(?=$|[\\/])/, os.homedir()));
}
