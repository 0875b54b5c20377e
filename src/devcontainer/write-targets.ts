import path from 'node:path';
import { type AiClient, clients as allClients } from '../clients/clients';
import { AppError } from '../platform/errors';
import { isWithin, linkTarget, realPathOf } from '../platform/real-path';
import type { FileEdit } from './edits';
import { pathsToRead, sidecarPaths } from './plan';
import type { ComposeDevContainer } from './read';

/**
 * The folders that the files of a dev container may lie in: the workspace, and the folder of a configuration that a
 * person chose elsewhere. Real paths.
 */
export async function writableFolders(workspace: string, config: string): Promise<string[]> {
  const named = isWithin(workspace, config) ? [workspace] : [workspace, path.dirname(config)];
  return await Promise.all(named.map(async (folder) => await realPathOf(folder)));
}

/** Refuses a file that symbolic links lead out of the given folders. Returns its real path. Reads nothing of the file. */
export async function requireWithin(file: string, folders: readonly string[]): Promise<string> {
  const real = await realPathOf(file);
  if (folders.some((folder) => isWithin(folder, real))) return real;
  throw new AppError('refused', `${file} leads out of the workspace: it is really ${real}.`, {
    next: 'Replace the symbolic link with a file or folder in the workspace and run the command again.',
    location: { file },
  });
}

/**
 * Refuses to plan on files that lead out of the workspace, that are really one file, or that are links where the token or
 * the program goes. Nothing of the files is read.
 */
export async function checkTargets(
  container: ComposeDevContainer,
  clients: readonly AiClient[],
): Promise<void> {
  const { workspace, configPath, configDir } = container;
  await requireTargets(pathsToRead(container, clients), await writableFolders(workspace, configPath));
  const { token, program } = sidecarPaths(configDir);
  await requireNoLink(token);
  await requireNoLink(program);
}

/** `requireWithin` for every file of a plan. Two files that are really one are refused too: one would undo the other. */
async function requireTargets(files: readonly string[], folders: readonly string[]): Promise<void> {
  const seen = new Map<string, string>();
  for (const file of files) {
    const real = await requireWithin(file, folders);
    const other = seen.get(real);
    if (other !== undefined)
      throw new AppError('refused', `${other} and ${file} are the same file: ${real}.`, {
        next: 'Replace the symbolic link with a file of its own and run the command again.',
      });
    seen.set(real, file);
  }
}

/** Refuses a symbolic link where a file of our own goes: the link's target is not kept out of Git, or is someone's work. */
async function requireNoLink(file: string): Promise<void> {
  const target = await linkTarget(file);
  if (target === undefined) return;
  throw new AppError('refused', `${file} is a symbolic link to ${target}.`, {
    next: 'Remove the link and run the command again.',
    location: { file },
  });
}

/** The clients whose files a removal may edit: `add` never wrote through a link out of the workspace, or twice to one file. */
export async function clientsWithin(
  container: ComposeDevContainer,
): Promise<{ clients: AiClient[]; notes: string[] }> {
  const { workspace, configPath } = container;
  const folders = await writableFolders(workspace, configPath);
  const found: { clients: AiClient[]; notes: string[] } = { clients: [], notes: [] };
  const seen = new Set<string>();
  for (const client of allClients) {
    const file = path.join(workspace, client.file);
    const real = await realPathOf(file);
    if (!folders.some((folder) => isWithin(folder, real)))
      found.notes.push(`${file} stays: it leads out of the workspace, to ${real}.`);
    else if (!seen.has(real)) found.clients.push(client);
    seen.add(real);
  }
  return found;
}

/** The folders of a removed file that a link leads to, deepest first: they may be empty then. */
export async function linkedFolders({ path: file, after }: FileEdit, workspace: string): Promise<string[]> {
  const real = await realPathOf(file);
  if (after !== undefined || real === file) return [];
  const top = await realPathOf(workspace);
  const folders: string[] = [];
  for (
    let folder = path.dirname(real);
    folder !== top && isWithin(top, folder);
    folder = path.dirname(folder)
  )
    folders.push(folder);
  return folders;
}
