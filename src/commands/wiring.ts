import path from 'node:path';
import * as vscode from 'vscode';
import { findConfigurations } from '../devcontainer/find';
import type { Plan } from '../devcontainer/plan';
import {
  interruptedContainer,
  recoverWiring,
  type TeardownHook,
  type WiringTarget,
} from '../devcontainer/wiring';
import type { GatewayModel } from '../editor/model';
import { removeContainerHere, teardownHere } from '../gateway/sidecar/teardown';
import { AppError, messageOf } from '../platform/errors';
import { stepInEditor } from '../views/next-step';
import type { Logger } from '../platform/log';
import { sentence } from '../platform/sentence';
import type { FolderContext } from './command';

const { t } = vscode.l10n;
const engineMs = 30_000;

/** Shows the plan and asks whether to go on. Throws `cancelled` when the answer is no. */
export async function confirmPlan(
  preview: FolderContext['preview'],
  title: string,
  plan: Plan,
  go: string,
  detail?: string,
): Promise<void> {
  const shown = await preview.show(title, plan);
  try {
    const question = t('{0}: apply the {1} changes shown?', title, plan.edits.length);
    const text = [question, ...plan.notes, ...(detail === undefined ? [] : [detail])].join(' ');
    const answer = await vscode.window.showInformationMessage(text, go, t('Cancel'));
    if (answer !== go) throw new vscode.CancellationError();
  } finally {
    shown.dispose();
  }
}

/** The selected configuration: the file of the context menu, else the only one, else the one the person picks. */
export async function wiringTarget(model: GatewayModel, argument: unknown): Promise<WiringTarget> {
  const workspace = model.folder;
  const base = { workspace, cwd: workspace, env: model.options.env };
  if (argument instanceof vscode.Uri) return { ...base, config: argument.fsPath };
  const found = await findConfigurations(workspace);
  if (found.length === 0) {
    throw new AppError('not-found', t('This folder has no dev container.'), {
      next: t(
        'Add a .devcontainer/devcontainer.json first, for example with "Dev Containers: Add Dev Container Configuration Files".',
      ),
    });
  }
  if (found.length === 1) return { ...base, config: found[0] };
  const items = found.map((config) => ({ label: path.relative(workspace, config), config }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder: t('Which dev container?') });
  if (!picked) throw new vscode.CancellationError();
  return { ...base, config: picked.config };
}

/** Undoes what an interrupted `add` or `remove` of this workspace had done. */
export async function recoverInterrupted(target: WiringTarget, log: Logger): Promise<void> {
  const recovery = await recoverWiring(target.workspace, target.env);
  if (!recovery) return;
  log.log('warn', `an interrupted ${recovery.operation} was undone`);
  for (const file of recovery.left) log.log('warn', `${file} was changed in the meantime and stays as it is`);
  const container = await interruptedContainer(recovery, target.workspace, target.env);
  if (!container) return;
  try {
    const item = await removeContainerHere(container, target.env, AbortSignal.timeout(engineMs));
    if (item !== undefined) log.log('info', `removed ${item}`);
  } catch (error) {
    log.log('warn', `the container that it created may still be there: ${messageOf(error)}`);
  }
}

/** Removes what the engine has of the gateway, and logs what was removed and what stays. */
export function teardownHook(env: NodeJS.ProcessEnv, log: Logger): TeardownHook {
  return async ({ container, signal }) => {
    const progress = (line: string): void => log.log('info', line);
    const { removed, kept, untouched } = await teardownHere(container, env, { signal, progress });
    for (const item of removed) log.log('info', `removed ${item}`);
    const notes = [
      ...(untouched ? [`${sentence(untouched.reason)} ${stepInEditor(untouched.next)}`] : []),
      ...kept.map((item) => `Another container still uses the ${item}.`),
    ];
    for (const note of notes) log.log('warn', note);
    return notes;
  };
}
