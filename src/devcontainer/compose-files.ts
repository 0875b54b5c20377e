import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { LineCounter, parseDocument } from 'yaml';
import { ParseError } from '../platform/errors';
import { readFileIfExists, readTextIfExists } from '../platform/files';
import type { ComposeModel, ComposeMount, ComposeService } from './compose-model';
import { decodeText } from './jsonc';
import { interpolate } from './project-name';

const names = v.union([v.array(v.string()), v.record(v.string(), v.unknown())]);
const serviceSchema = v.nullable(
  v.looseObject({
    networks: v.optional(v.nullable(names)),
    network_mode: v.optional(v.string()),
    volumes: v.optional(
      v.nullable(
        v.array(
          v.union([
            v.string(),
            v.looseObject({
              type: v.string(),
              source: v.optional(v.string()),
              target: v.optional(v.string()),
            }),
          ]),
        ),
      ),
    ),
    extends: v.optional(
      v.union([v.string(), v.looseObject({ service: v.string(), file: v.optional(v.string()) })]),
    ),
  }),
);
const fileSchema = v.looseObject({
  services: v.optional(v.nullable(v.record(v.string(), serviceSchema))),
  networks: v.optional(v.nullable(v.record(v.string(), v.nullable(v.looseObject({}))))),
});
type ComposeFile = v.InferOutput<typeof fileSchema>;
type FileService = NonNullable<v.InferOutput<typeof serviceSchema>>;

type Environment = Record<string, string | undefined>;

/**
 * Compose files read and merged by ourselves, for machines without Compose: services, networks and mounts, variables
 * from the environment and `.env`, `extends` one file at a time. `include` is not followed.
 * A file that is not YAML, or not a Compose file, is a ParseError with line and column.
 */
export async function readComposeFiles(
  files: readonly string[],
  projectDir: string,
  env: Environment,
): Promise<ComposeModel> {
  const variables = { ...(await dotEnv(path.join(projectDir, '.env'))), ...env };
  const model: ComposeModel = { services: {}, externalNetworks: [] };
  for (const file of files) {
    const document = await parseComposeFile(file);
    for (const [name, service] of Object.entries(document.services ?? {})) {
      const inherited = service === null ? undefined : await extended(service, document, file);
      const base = model.services[name] ?? emptyService();
      const merged = inherited === undefined ? base : mergeService(base, inherited, projectDir, variables);
      model.services[name] = service === null ? merged : mergeService(merged, service, projectDir, variables);
    }
    for (const [name, network] of Object.entries(document.networks ?? {})) {
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

async function parseComposeFile(file: string): Promise<ComposeFile> {
  const { text } = decodeText((await readFileIfExists(file)) ?? Buffer.alloc(0), file);
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, merge: true, logLevel: 'silent' });
  const problem = document.errors[0];
  if (problem !== undefined) {
    const { line, col } = lineCounter.linePos(problem.pos[0]);
    throw new ParseError({ file, line, column: col }, problem.message.split('\n')[0] ?? 'not YAML');
  }
  const value: unknown = document.toJS();
  const parsed = v.safeParse(fileSchema, value ?? {});
  if (parsed.success) return parsed.output;
  const keys = (parsed.issues[0].path ?? []).map((item) => item.key);
  const node: unknown = document.getIn(keys, true);
  const range = v.safeParse(v.object({ range: v.tuple([v.number()]) }), node);
  const place = range.success ? lineCounter.linePos(range.output.range[0]) : { line: 1, col: 1 };
  const problemPlace = { file, line: place.line, column: place.col };
  throw new ParseError(problemPlace, `${keys.join('.')}: ${parsed.issues[0].message}`);
}

async function extended(
  service: FileService,
  document: ComposeFile,
  file: string,
): Promise<FileService | undefined> {
  if (service.extends === undefined) return undefined;
  const target = typeof service.extends === 'string' ? { service: service.extends } : service.extends;
  const source =
    target.file === undefined
      ? document
      : await parseComposeFile(path.resolve(path.dirname(file), target.file));
  return source.services?.[target.service] ?? undefined;
}

function emptyService(): ComposeService {
  return { networks: [], networkMode: undefined, volumes: [] };
}

function mergeService(
  base: ComposeService,
  over: FileService,
  projectDir: string,
  env: Environment,
): ComposeService {
  const networks = Array.isArray(over.networks) ? over.networks : Object.keys(over.networks ?? {});
  const mounts = (over.volumes ?? []).map((entry) => mountFrom(entry, projectDir, env));
  const kept = base.volumes.filter((mount) => !mounts.some((other) => other.target === mount.target));
  return {
    networks: [...new Set([...base.networks, ...networks])],
    networkMode: over.network_mode === undefined ? base.networkMode : interpolate(over.network_mode, env),
    volumes: [...kept, ...mounts],
  };
}

type VolumeEntry = string | { type: string; source?: string | undefined; target?: string | undefined };

function mountFrom(entry: VolumeEntry, projectDir: string, env: Environment): ComposeMount {
  if (typeof entry !== 'string') {
    const source = entry.source === undefined ? undefined : interpolate(entry.source, env);
    const target = interpolate(entry.target ?? '', env);
    const resolved =
      source !== undefined && entry.type === 'bind' ? resolveSource(source, projectDir) : source;
    return { type: entry.type, source: resolved, target, ...writtenIf(entry.source) };
  }
  // Colons inside `${…}` and of a Windows drive do not separate.
  const parts = entry.match(/(?:\$\{[^}]*\}|^[A-Za-z]:[\\/]|[^:])+/g) ?? [];
  const [written, target] = parts.length === 1 ? [undefined, entry] : [parts[0], parts[1]];
  const source = written === undefined ? undefined : interpolate(written, env);
  const bind = source !== undefined && /^(?:[./~\\]|[A-Za-z]:[\\/])/.test(source);
  return {
    type: bind ? 'bind' : 'volume',
    source: bind ? resolveSource(source, projectDir) : source,
    target: interpolate(target ?? '', env),
    ...writtenIf(written),
  };
}

function writtenIf(source: string | undefined): { written?: string } {
  return source?.includes('$') === true ? { written: source } : {};
}

function resolveSource(source: string, projectDir: string): string {
  return path.resolve(projectDir, source.replace(/^~(?=$|[\\/])/, os.homedir()));
}

async function dotEnv(file: string): Promise<Environment> {
  const text = (await readTextIfExists(file)) ?? '';
  const pairs = [...text.matchAll(/^[\t ]*(?:export[\t ]+)?([A-Za-z_]\w*)[\t ]*=[\t ]*(.*?)[\t ]*\r?$/gm)];
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => [name, value.replace(/^(["'])(.*)\1$/, '$2')]),
  );
}
