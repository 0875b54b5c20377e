import path from 'node:path';
import { interpolate } from '../../devcontainer/interpolate';
import { isRecord } from '../../platform/jsonc/jsonc';

/** One file of a project that configures containers or clients, parsed. */
export interface ProjectFile {
  /** Relative to the workspace, with forward slashes. */
  name: string;
  kind: 'compose' | 'devcontainer' | 'client' | 'other';
  text: string;
  /** The parsed value; `undefined` for a text that is not parsed. */
  value: unknown;
}

/** The text of a value with the defaults of its variables; empty for what is no text or number. */
export function plain(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? interpolate(value, {}) : '';
}

/** A list as it is, one value as a list of it. */
export function listOf(value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** The member of an object, or `undefined`. */
export function member(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((inner, key) => (isRecord(inner) ? inner[key] : undefined), value);
}

/** The services of a Compose file. */
export function servicesOf({ kind, value }: ProjectFile): [string, Record<string, unknown>][] {
  const services = kind === 'compose' ? member(value, 'services') : undefined;
  if (!isRecord(services)) return [];
  return Object.entries(services).flatMap(([name, service]) => (isRecord(service) ? [[name, service]] : []));
}

/** The options of `docker run` in `runArgs`, each with its value: `--net=host` and `--net host` are the same. */
export function runOptions(file: ProjectFile): { option: string; value: string }[] {
  const args = file.kind === 'devcontainer' ? listOf(member(file.value, 'runArgs')).map(plain) : [];
  return args.flatMap((arg, index) => {
    if (!arg.startsWith('-')) return [];
    const equals = arg.indexOf('=');
    if (arg.startsWith('--') && equals > 0)
      return [{ option: arg.slice(0, equals), value: arg.slice(equals + 1) }];
    if (!arg.startsWith('--') && arg.length > 2) return [{ option: arg.slice(0, 2), value: arg.slice(2) }];
    return [{ option: arg, value: args[index + 1] ?? '' }];
  });
}

/** The last part of a name. */
export function baseName({ name }: ProjectFile): string {
  return path.posix.basename(name);
}
