import { createHash } from 'node:crypto';
import path from 'node:path';
import * as v from 'valibot';
import { readTextIfExists } from '../platform/files';
import type { FileEdit, FileState } from './edits';

const stored = v.nullable(v.object({ base64: v.string(), mode: v.nullable(v.number()) }));
const recordSchema = v.object({
  version: v.literal(1),
  files: v.record(
    v.string(),
    v.object({
      before: stored,
      after: v.nullable(v.object({ sha256: v.string(), mode: v.nullable(v.number()) })),
    }),
  ),
});

/**
 * What the user's files were before we changed them, kept outside the workspace. It makes an undo byte-exact;
 * without it (a fresh clone), or for a file that was edited since, the undo is by inverse edits.
 */
export type WiringRecord = v.InferOutput<typeof recordSchema>;

/** Where the record of a workspace is kept. */
export function recordPath(stateDir: string): string {
  return path.join(stateDir, 'wiring', 'record.json');
}

/** The record, or an empty one; an unreadable record counts as none. */
export async function readRecord(stateDir: string): Promise<WiringRecord> {
  const text = await readTextIfExists(recordPath(stateDir));
  try {
    const value: unknown = JSON.parse(text ?? '');
    return v.parse(recordSchema, value);
  } catch {
    return { version: 1, files: {} };
  }
}

/** The record after edits are applied: the oldest state stays the one to restore while no one else edits the file. */
export function recordEdits(
  record: WiringRecord,
  workspace: string,
  edits: readonly FileEdit[],
): WiringRecord {
  const files = { ...record.files };
  for (const edit of edits) {
    const key = keyOf(workspace, edit.path);
    const known = files[key];
    const before =
      known !== undefined && isAsRecorded(known.after, edit.before)
        ? stateBefore(known, edit.before)
        : store(edit.before);
    // Another change came between our two changes: the undo is by inverse edits.
    if (known !== undefined && !isAsRecorded(known.after, edit.before))
      files[key] = { before: null, after: null };
    else files[key] = { before, after: summary(edit.after, edit.before) };
  }
  return { version: 1, files };
}

/** The record without the files that an undo restored. */
export function forgetEdits(
  record: WiringRecord,
  workspace: string,
  edits: readonly FileEdit[],
): WiringRecord {
  const gone = new Set(edits.map((edit) => keyOf(workspace, edit.path)));
  return {
    version: 1,
    files: Object.fromEntries(Object.entries(record.files).filter(([key]) => !gone.has(key))),
  };
}

/** The state to restore when the file holds exactly what we left in it; `undefined` when inverse edits are needed. */
export function recordedBefore(
  record: WiringRecord,
  workspace: string,
  file: string,
  current: FileState | undefined,
): { state: FileState | undefined } | undefined {
  const known = record.files[keyOf(workspace, file)];
  if (known === undefined || known.after === null || !isAsRecorded(known.after, current)) return undefined;
  const before = stateBefore(known, current);
  if (before === null) return { state: undefined };
  return { state: { bytes: Buffer.from(before.base64, 'base64'), mode: before.mode ?? undefined } };
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function keyOf(workspace: string, file: string): string {
  return path.relative(workspace, file).split(path.sep).join('/');
}

function store(state: FileState | undefined): v.InferOutput<typeof stored> {
  return state === undefined ? null : { base64: state.bytes.toString('base64'), mode: state.mode ?? null };
}

function summary(
  after: FileState | undefined,
  before: FileState | undefined,
): { sha256: string; mode: number | null } | null {
  if (after === undefined) return null;
  return { sha256: sha256(after.bytes), mode: after.mode ?? before?.mode ?? null };
}

/** A mode that is not as we left it is the user's choice, or all that the file system has: it stays. */
function stateBefore(
  { before, after }: WiringRecord['files'][string],
  current: FileState | undefined,
): v.InferOutput<typeof stored> {
  if (before === null || current === undefined || after?.mode === current.mode) return before;
  return { ...before, mode: current.mode ?? null };
}

function isAsRecorded(
  after: { sha256: string; mode: number | null } | null,
  current: FileState | undefined,
): boolean {
  if (after === null || current === undefined) return after === null && current === undefined;
  return after.sha256 === sha256(current.bytes);
}
