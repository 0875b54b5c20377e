import * as vscode from 'vscode';
import type { Plan } from '../devcontainer/plan';
import { executeRemove, prepareRemove, type WiringTarget } from '../devcontainer/wiring';
import type { Log } from '../editor/log';
import { leftoversHere } from '../gateway/sidecar/teardown';
import { AppError } from '../platform/errors';
import { withProgress, type FolderContext } from './command';
import { confirmPlan, recoverInterrupted, teardownHook, wiringTarget } from './wiring';

const { t } = vscode.l10n;
const engineMs = 30_000;

/** Removes the gateway: shows each change, then removes its container, volumes, image and files. */
export async function remove({ model, log, preview }: FolderContext): Promise<void> {
  if (model.place === 'container') {
    throw new AppError(
      'no-engine',
      t(
        'Removing the gateway needs the container engine, which cannot be reached from inside the dev container.',
      ),
      {
        next: t('Open the folder on the machine that runs the container and remove it there.'),
      },
    );
  }
  const target = await wiringTarget(model, undefined);
  await recoverInterrupted(target, log);
  const plan = await prepareRemove(target);
  if (plan.edits.length === 0) {
    await removeLeftovers(log, plan, target);
    return;
  }
  const secret = plan.edits.some((edit) => edit.secret)
    ? t('The token file is deleted permanently.')
    : undefined;
  await confirmPlan(preview, t('Remove MCP Gateway'), plan, t('Remove'), secret);
  const notes = await withProgress(
    t('Removing the MCP gateway'),
    log,
    async ({ signal }) =>
      await executeRemove(plan, target, {
        teardown: teardownHook(target.env, log),
        signal,
      }),
  );
  await model.refresh();
  tell(notes);
}

/** What the engine still has after a removal that could not reach it, or of another copy of the folder. */
async function removeLeftovers(log: Log, plan: Plan, { env }: WiringTarget): Promise<void> {
  const { container } = plan;
  const { items, untouched } = await leftoversHere(container, env, AbortSignal.timeout(engineMs));
  if (untouched) log.log('warn', untouched.reason);
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      t('The dev container has no MCP gateway. There is nothing to change.'),
    );
    return;
  }
  const question = t(
    'The engine still has parts of the MCP gateway: {0}. Remove them and the secrets in them?',
    items.join(', '),
  );
  const go = t('Remove');
  if ((await vscode.window.showWarningMessage(question, go, t('Cancel'))) !== go)
    throw new vscode.CancellationError();
  const teardown = teardownHook(env, log);
  const title = t('Removing the MCP gateway');
  tell(await withProgress(title, log, async ({ signal }) => await teardown({ container, signal })));
}

function tell(notes: readonly string[]): void {
  if (notes.length > 0) void vscode.window.showWarningMessage(notes.join(' '));
}
