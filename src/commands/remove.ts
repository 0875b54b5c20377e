import * as vscode from 'vscode';
import { executeRemove, prepareRemove } from '../devcontainer/wiring';
import { AppError } from '../platform/errors';
import { withProgress, type FolderContext } from './command';
import { confirmPlan, logLeft, recoverInterrupted, teardownHook, wiringTarget } from './wiring';

const { t } = vscode.l10n;

/** Takes the gateway away again: shows each change, then its container, volumes, image and files go. */
export async function remove({ model, log, preview }: FolderContext): Promise<void> {
  if (model.place === 'container') {
    throw new AppError(
      'no-engine',
      t(
        'Removing the gateway needs the container engine, which is not reachable from inside the dev container',
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
    void vscode.window.showInformationMessage(t('The dev container has no MCP gateway; nothing to change.'));
    return;
  }
  const secret = plan.edits.some((edit) => edit.secret)
    ? t('The token file is deleted for good.')
    : undefined;
  await confirmPlan(preview, t('Remove MCP Gateway'), plan, t('Remove'), secret);
  await withProgress(
    t('Removing the MCP gateway'),
    log,
    async ({ signal }) =>
      await executeRemove(plan, target, {
        teardown: teardownHook(target.env, log),
        signal,
        onLeft: logLeft(log),
      }),
  );
  await model.refresh();
}
