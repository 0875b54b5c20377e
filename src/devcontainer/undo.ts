import { product } from '../platform/product';
import path from 'node:path';
import { type AiClient } from '../clients/clients';
import { removeEntry } from '../clients/edit';
import { unwireConfiguration } from './config-edit';
import { decodeText, encodeJsonc } from '../platform/jsonc/jsonc';
import { changes, type Plan, type SidecarFile, sidecarPaths } from './plan';
import type { FileEdit, Files, FileState } from './edits';
import type { ComposeDevContainer } from './read';
import { recordedBefore, type WiringRecord } from './record';
import { formBefore } from './sidecar-compose';
import { starterServers } from './own-files';
import { sidecar } from './sidecar';

export interface RemoveInputs {
  container: ComposeDevContainer;
  files: Files;
  record: WiringRecord;
  clients: readonly AiClient[];
  /** Another configuration of the workspace is wired too and needs the clients' entries. */
  othersWired: boolean;
}

/**
 * The plan that removes the wiring: byte-exact for files that are as `add` left them, inverse edits for the rest.
 * It is pure, and works without a record.
 */
export function planRemove(inputs: RemoveInputs): Plan {
  const { container, files } = inputs;
  const paths = sidecarPaths(container.configDir);
  const folder = path.join(container.configDir, sidecar.folder);
  const notes: string[] = [];
  const clientEdits = inputs.othersWired ? [] : inputs.clients.map((client) => clientEdit(inputs, client));
  if (inputs.othersWired)
    notes.push("The clients' entries stay: another dev container of this workspace is wired too.");
  const form = formBefore(files.get(paths.compose)?.bytes.toString('utf8') ?? '');
  const configuration = restored(inputs, container.configPath, () =>
    encodeJsonc(unwireConfiguration(container, form), container.configPath),
  );
  const edits = [...clientEdits, configuration, ...sidecarEdits(inputs, paths, notes)].filter(changes);
  const clientFolders = clientEdits.map((edit) => path.dirname(edit.path));
  return {
    container,
    kind: undefined,
    edits,
    notes,
    emptiedFolders: [folder, ...clientFolders.filter((other) => other !== container.workspace)],
  };
}

/** Files that carry the ownership mark while they are ours. */
const marked = ['compose', 'dockerfile', 'dockerignore', 'tokenExample', 'gitignore'] as const;

/** The edits of our own files; every other file that has one of their names stays. */
function sidecarEdits(inputs: RemoveInputs, paths: Record<SidecarFile, string>, notes: string[]): FileEdit[] {
  const { files } = inputs;
  const isMarked = (name: SidecarFile): boolean =>
    files.get(paths[name])?.bytes.toString('utf8').includes(product.fileMark) === true;
  const isOurs = marked.some(isMarked);
  const kept = new Set<SidecarFile>();
  for (const name of marked) if (files.has(paths[name]) && !isMarked(name)) kept.add(name);
  // These have no mark of their own: they are ours if the files around them are.
  for (const name of ['program', 'token'] as const)
    if (!isOurs && !isAsRecorded(inputs, paths[name])) kept.add(name);
  const servers = files.get(paths.servers)?.bytes.toString('utf8').replace(/\r\n/g, '\n');
  if (servers !== undefined && servers !== starterServers && !isAsRecorded(inputs, paths.servers))
    kept.add('servers');
  // Personal, so it must not turn up in Git when the rest goes.
  if (files.has(paths.localServers)) kept.add('localServers').add('gitignore');
  if (isOurs) notes.push(...[...kept].flatMap((name) => keptNote(paths[name], name, isMarked(name))));
  const names = [...marked, 'program', 'token', 'servers'] as const;
  return names
    .filter((name) => !kept.has(name))
    .map((name) => ({
      ...restored(inputs, paths[name], () => undefined, 'sidecar'),
      secret: name === 'token',
    }));
}

function keptNote(file: string, name: SidecarFile, isMarked: boolean): string[] {
  if (name === 'servers' || name === 'localServers') return [`${file} stays: it contains what you wrote.`];
  return isMarked ? [] : [`${file} stays: it was not written by devcontainer-gateway.`];
}

function isAsRecorded({ record, container, files }: RemoveInputs, file: string): boolean {
  return recordedBefore(record, container.workspace, file, files.get(file)) !== undefined;
}

function clientEdit(inputs: RemoveInputs, client: AiClient): FileEdit {
  const file = path.join(inputs.container.workspace, client.file);
  return restored(inputs, file, (bytes) => {
    const without = removeEntry(client, decodeText(bytes, file), file);
    return without === undefined ? undefined : encodeJsonc(without, file);
  });
}

function restored(
  inputs: RemoveInputs,
  file: string,
  inverse: (bytes: Buffer) => Buffer | undefined,
  stage: FileEdit['stage'] = 'wiring',
): FileEdit {
  const before = inputs.files.get(file);
  const exact = recordedBefore(inputs.record, inputs.container.workspace, file, before);
  const edit = { path: file, before, stage, secret: false };
  if (before === undefined) return { ...edit, after: undefined };
  if (exact !== undefined) return { ...edit, after: exact.state };
  const bytes = inverse(before.bytes);
  const after: FileState | undefined = bytes === undefined ? undefined : { bytes, mode: before.mode };
  return { ...edit, after };
}
