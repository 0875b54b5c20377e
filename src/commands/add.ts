import { readFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { Plan } from '../devcontainer/plan';
import { executeAdd, prepareAdd, type WiringTarget } from '../devcontainer/wiring';
import type { Kind } from '../gateway/kind';
import { gatewayProgram } from '../gateway/local/program';
import { prestartSidecar } from '../gateway/sidecar/prestart';
import { pickClients, pickKind, secretsNote } from './add-questions';
import { isCancelled, withProgress, type FolderContext } from './command';
import { offerReopen } from './reopen';
import { askSecrets } from './secrets';
import { confirmPlan, recoverInterrupted, wiringTarget } from './wiring';

const { t } = vscode.l10n;

/** Puts a gateway beside the dev container: asks its questions, shows each change, applies them, starts it. */
export async function add(context: FolderContext, argument: unknown): Promise<void> {
  const { model, log, preview } = context;
  const target = await wiringTarget(model, argument);
  await recoverInterrupted(target, log);
  const kind = await pickKind();
  const chosen = await pickClients();
  const program = await readFile(await gatewayProgram());
  const plan = await prepareAdd(target, {
    clients: chosen,
    hostPort: undefined,
    sidecar: kind.sidecar(program),
  });
  if (plan.edits.length === 0) {
    void vscode.window.showInformationMessage(
      t('The dev container already has its MCP gateway. There is nothing to change.'),
    );
    return;
  }
  const title = t('Add MCP Gateway');
  await confirmPlan(preview, title, plan, t('Apply'), await secretsNote(plan.container.configPath));
  const started = await applyOrSay(context, plan, target, kind);
  await model.refresh();
  if (started) await askSecrets(context);
  await offerReopen(plan.container, model.place);
}

/**
 * Resolves with whether the gateway was started. The progress closes as soon as it is cancelled. Undoing goes on, and
 * a message reports its end.
 */
async function applyOrSay(
  context: FolderContext,
  plan: Plan,
  target: WiringTarget,
  kind: Kind,
): Promise<boolean> {
  try {
    return await apply(context, plan, target, kind);
  } catch (error) {
    if (isCancelled(error))
      void vscode.window.showInformationMessage(t('Cancelled. Every change was undone.'));
    throw error;
  }
}

async function apply(
  { model, log }: FolderContext,
  plan: Plan,
  target: WiringTarget,
  kind: Kind,
): Promise<boolean> {
  const outcome = await withProgress(
    t('Adding the MCP gateway'),
    log,
    async ({ signal, progress }) =>
      await executeAdd(plan, target, {
        signal,
        prestart: async ({ container, signal: stop }) =>
          await prestartSidecar(container, target.env, kind, { signal: stop, progress }),
      }),
  );
  log.log(
    'info',
    `wired ${plan.container.configPath}: ${plan.edits.length} files changed for ${model.folder}`,
  );
  for (const note of [...plan.notes, ...(outcome.note === undefined ? [] : [outcome.note])])
    log.log('warn', note);
  if (outcome.note !== undefined) void vscode.window.showWarningMessage(outcome.note);
  return outcome.started;
}
