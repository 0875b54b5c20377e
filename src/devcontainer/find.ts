import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, systemCode } from '../platform/errors';
import { exists } from '../platform/files';

/**
 * The dev container configurations of a workspace, absolute, in the order of the specification:
 * `.devcontainer/devcontainer.json`, `.devcontainer.json`, `.devcontainer/<folder>/devcontainer.json` (sorted).
 * @see https://containers.dev/implementors/spec/#devcontainerjson
 */
export async function findConfigurations(workspace: string): Promise<string[]> {
  const folder = path.join(workspace, '.devcontainer');
  const candidates = [
    path.join(folder, 'devcontainer.json'),
    path.join(workspace, '.devcontainer.json'),
    ...(await subfolders(folder)).map((name) => path.join(folder, name, 'devcontainer.json')),
  ];
  const found: string[] = [];
  for (const candidate of candidates) if (await exists(candidate)) found.push(candidate);
  return found;
}

/**
 * The configuration to work on: `config` (relative to `cwd`, then to the workspace; a folder stands for the
 * devcontainer.json in it) when given, else the only one.
 * None, several without a choice, or a choice that is not there is an error with the next step.
 */
export async function chooseConfiguration(
  workspace: string,
  options: { config?: string | undefined; cwd?: string | undefined } = {},
): Promise<string> {
  if (options.config !== undefined) return await chosenConfiguration(workspace, options.config, options.cwd);
  const found = await findConfigurations(workspace);
  const [first] = found;
  if (first === undefined) {
    throw new AppError('not-found', `There is no dev container configuration in ${workspace}.`, {
      next: 'Add a .devcontainer/devcontainer.json, or name another folder with --workspace.',
    });
  }
  if (found.length === 1) return first;
  const names = found.map((file) => path.relative(workspace, file));
  throw new AppError('usage', `There are several dev container configurations: ${names.join(', ')}.`, {
    next: `Choose one, for example with --config ${names[0] ?? ''}.`,
  });
}

/** The folder a command works on: `start` or the nearest folder above it that has a dev container; else `start`. */
export async function findWorkspace(start: string): Promise<string> {
  for (let folder = path.resolve(start); ; folder = path.dirname(folder)) {
    if ((await findConfigurations(folder)).length > 0) return folder;
    if (folder === path.dirname(folder)) return path.resolve(start);
  }
}

/** The selected folder: the named one, which must exist, else the one that `findWorkspace` finds. */
export async function resolveWorkspace(named: string | undefined, cwd: string): Promise<string> {
  if (named === undefined) return await findWorkspace(cwd);
  const folder = path.resolve(cwd, named);
  if (await exists(folder)) return folder;
  throw new AppError('not-found', `There is no folder ${folder}.`, { next: 'Check --workspace.' });
}

async function chosenConfiguration(workspace: string, config: string, cwd = workspace): Promise<string> {
  for (const base of [cwd, workspace]) {
    const named = path.resolve(base, config);
    for (const file of [path.join(named, 'devcontainer.json'), named]) if (await isFile(file)) return file;
  }
  const found = (await findConfigurations(workspace)).map((file) => path.relative(workspace, file));
  throw new AppError('not-found', `There is no dev container configuration ${config}.`, {
    next:
      found.length === 0 ? 'Check the path given with --config.' : `This workspace has: ${found.join(', ')}.`,
  });
}

async function isFile(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

async function subfolders(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return [];
    throw error;
  }
}
