import path from 'node:path';
import type { AiClient } from '../clients/clients';
import { addEntry } from '../clients/edit';
import { AppError } from '../platform/errors';
import type { GatewayKind } from '../servers/gateway-settings';
import { product } from '../platform/product';
import type { ComposeModel } from './compose-project';
import { wireConfiguration } from './config-edit';
import type { FileEdit, Files } from './edits';
import { sameState } from './file-states';
import { decodeText, encodeJsonc } from '../platform/jsonc/jsonc';
import type { ComposeDevContainer } from './read';
import { recordedBefore, type WiringRecord } from './record';
import { hostPortBefore, renderSidecar } from './sidecar-compose';
import { committedTokenNote, gitignore, starterServers, tokenExample } from './own-files';
import type { SidecarPart } from './sidecar-part';
import { sidecar } from './sidecar';

/** What wiring or unwiring changes, as data; nothing in it has happened yet. */
export interface Plan {
  container: ComposeDevContainer;
  /** The kind of the gateway that it puts there; `undefined` for a removal. */
  kind: GatewayKind | undefined;
  edits: FileEdit[];
  /** For the person who reads the plan. */
  notes: string[];
  /** Our folders that a removal may leave empty, deepest first; empty ones are removed. */
  emptiedFolders: string[];
}

/** The gateway's port on the host: a fixed one, or a free one that the engine picks at each start. */
export type HostPort = number | 'auto';

export interface AddInputs {
  container: ComposeDevContainer;
  model: ComposeModel;
  files: Files;
  /** What earlier runs of `add` wrote here. */
  record: WiringRecord;
  clients: readonly AiClient[];
  /** What the gateway kind puts beside devcontainer.json. */
  sidecar: SidecarPart;
  /** The text of a new token file, used when there is none, or when others know the token in it. */
  newToken: string;
  /** Whether the token file is committed to Git with the token that is in it. */
  tokenIsCommitted: boolean;
  /** `undefined` keeps what an earlier `add` chose. */
  hostPort: HostPort | undefined;
}

/** Paths of everything that `add` writes beside devcontainer.json, ours alone. */
export function sidecarPaths(configDir: string): Record<SidecarFile, string> {
  const folder = path.join(configDir, sidecar.folder);
  return {
    gitignore: path.join(folder, '.gitignore'),
    dockerignore: path.join(folder, '.dockerignore'),
    dockerfile: path.join(folder, 'Dockerfile'),
    program: path.join(folder, sidecar.programFile),
    servers: path.join(folder, sidecar.serversFile),
    localServers: path.join(folder, sidecar.localServersFile),
    token: path.join(folder, sidecar.tokenFile),
    tokenExample: path.join(folder, sidecar.tokenExampleFile),
    compose: path.join(configDir, sidecar.composeFile),
  };
}
export type SidecarFile =
  | 'gitignore'
  | 'dockerignore'
  | 'dockerfile'
  | 'program'
  | 'servers'
  | 'localServers'
  | 'token'
  | 'tokenExample'
  | 'compose';

/** The plan that wires a Compose dev container. It is pure; applied once, planning again has no edits. */
export function planAdd(inputs: AddInputs): Plan {
  const { container, files } = inputs;
  const paths = sidecarPaths(container.configDir);
  const composeNow = textOf(files, paths.compose);
  const definition = renderSidecar(container, inputs.model, {
    hostPort: fixedPort(inputs.hostPort, composeNow),
    kind: inputs.sidecar.kind,
    programHash: inputs.sidecar.hash,
    ...(composeNow === undefined || !container.wired ? {} : { previous: composeNow }),
  });
  const edits = [
    owned(files, paths.gitignore, gitignore),
    ...sidecarFileEdits(inputs),
    created(files, paths.servers, starterServers),
    tokenEdit(inputs, paths.token),
    owned(files, paths.tokenExample, tokenExample),
    owned(files, paths.compose, definition.text),
    edit(
      files,
      container.configPath,
      encodeJsonc(wireConfiguration(container), container.configPath),
      'wiring',
    ),
    ...inputs.clients.map((client) => clientEdit(files, container, client)),
  ];
  const notes = [...definition.notes];
  if (container.composeFileForm === 'defaults') {
    notes.push(
      'dockerComposeFile was empty. It now lists the default Compose files that an empty list means.',
    );
  }
  if (inputs.tokenIsCommitted) notes.push(committedTokenNote(paths.token));
  const { kind } = inputs.sidecar;
  return { container, kind, edits: edits.filter(changes), notes, emptiedFolders: [] };
}

function sidecarFileEdits({ files, container, sidecar: part }: AddInputs): FileEdit[] {
  const folder = path.join(container.configDir, sidecar.folder);
  return part.files.map(({ name, content, owner }) => {
    const file = path.join(folder, name);
    return owner === 'mark'
      ? owned(files, file, content.toString('utf8'))
      : edit(files, file, content, 'sidecar');
  });
}

function fixedPort(wanted: HostPort | undefined, composeNow: string | undefined): number | undefined {
  return wanted === 'auto' ? undefined : (wanted ?? hostPortBefore(composeNow ?? ''));
}

/** Whether an edit changes anything. */
export function changes({ before, after }: FileEdit): boolean {
  if (before === undefined || after === undefined) return before !== after;
  return !sameState(before, after);
}

/** The files whose content a plan depends on. */
export function pathsToRead(container: ComposeDevContainer, clients: readonly AiClient[]): string[] {
  const ours = Object.values(sidecarPaths(container.configDir));
  return [
    ...ours,
    container.configPath,
    ...clients.map((client) => path.join(container.workspace, client.file)),
  ];
}

function textOf(files: Files, file: string): string | undefined {
  return files.get(file)?.bytes.toString('utf8');
}

function edit(files: Files, file: string, bytes: Buffer, stage: FileEdit['stage'], mode?: number): FileEdit {
  return { path: file, before: files.get(file), after: { bytes, mode }, stage, secret: false };
}

/** A file that only we write; another file of that name is never overwritten. */
function owned(files: Files, file: string, text: string): FileEdit {
  const current = textOf(files, file);
  if (current !== undefined && !current.includes(product.fileMark)) {
    throw new AppError('conflict', `${file} already exists and was not written by devcontainer-gateway.`, {
      next: 'Move that file and run the command again.',
    });
  }
  return edit(files, file, Buffer.from(text), 'sidecar');
}

/** A file that belongs to the user once it exists. */
function created(files: Files, file: string, text: string): FileEdit {
  return edit(files, file, files.get(file)?.bytes ?? Buffer.from(text), 'sidecar');
}

/**
 * The mode is set once. Where it did not stay so, the file system has none (Windows' drives seen from WSL), or the user
 * chose another, and the doctor says who can read the file.
 */
function tokenEdit(
  { files, record, container, newToken, tokenIsCommitted }: AddInputs,
  file: string,
): FileEdit {
  const current = files.get(file);
  const written = recordedBefore(record, container.workspace, file, current) !== undefined;
  const kept = tokenIsCommitted ? undefined : current;
  const bytes = kept?.bytes ?? Buffer.from(newToken);
  return {
    ...edit(files, file, bytes, 'sidecar', written && kept !== undefined ? undefined : 0o600),
    secret: true,
  };
}

function clientEdit(files: Files, container: ComposeDevContainer, client: AiClient): FileEdit {
  const file = path.join(container.workspace, client.file);
  const bytes = files.get(file)?.bytes;
  const source = bytes === undefined ? undefined : decodeText(bytes, file);
  return edit(files, file, encodeJsonc(addEntry(client, source, file), file), 'wiring');
}
