import { AppError, LeftoverError, messageOf } from '../platform/errors';
import { sentence } from '../platform/sentence';
import { JournaledChange } from './apply';
import type { FileOperations } from './file-operations';
import { readState } from './file-states';
import type { Plan } from './plan';
import type { FileEdit } from './edits';
import { writableFolders } from './write-targets';
import { readRecord, recordPath, type WiringRecord } from './record';

/**
 * Applies a plan and the new record of it as one change: `work` does the edits. If it throws, everything is undone; if
 * something cannot be undone, a `LeftoverError` says what is left.
 */
export async function applyAsOne(
  plan: Plan,
  stateDir: string,
  options: {
    operation: string;
    update: (record: WiringRecord, workspace: string, edits: readonly FileEdit[]) => WiringRecord;
    operations?: FileOperations;
  },
  work: (change: JournaledChange, record: FileEdit) => Promise<void>,
): Promise<void> {
  const { workspace, configPath: config } = plan.container;
  const folders = await writableFolders(workspace, config);
  const record = await recordEdit(stateDir, (known) => options.update(known, workspace, plan.edits));
  const what = { operation: options.operation, config, folders };
  const change = await JournaledChange.begin(stateDir, what, [...plan.edits, record], options.operations);
  try {
    await work(change, record);
  } catch (error) {
    await revert(change, error);
    throw error;
  }
  await change.commit();
}

async function revert(change: JournaledChange, reason: unknown): Promise<void> {
  const left = await change.revert().catch((error: unknown) => {
    throw new LeftoverError(
      reason,
      sentence(`Undoing the change failed too: ${messageOf(error)}`),
      'Fix that and run the command again. It first undoes what is left.',
    );
  });
  if (left.length === 0) return;
  const next = reason instanceof AppError ? reason.next : undefined;
  throw new LeftoverError(
    reason,
    `These files were changed in the meantime and stay as they are: ${left.join(', ')}.`,
    next ?? 'Remove the gateway entries from these files by hand.',
  );
}

async function recordEdit(
  stateDir: string,
  update: (record: WiringRecord) => WiringRecord,
): Promise<FileEdit> {
  const file = recordPath(stateDir);
  const next = update(await readRecord(stateDir));
  const bytes = Buffer.from(JSON.stringify(next));
  const after = Object.keys(next.files).length === 0 ? undefined : { bytes, mode: 0o600 };
  return { path: file, before: await readState(file), after, stage: 'wiring', secret: false };
}
