import * as vscode from 'vscode';
import type { CallDocuments } from '../editor/call-documents';
import type { Log } from '../editor/log';
import type { LogChannels } from '../editor/log-channels';
import type { GatewayModel } from '../editor/model';
import type { PlanPreview } from '../editor/plan-preview';
import { AppError, messageOf } from '../platform/errors';
import { capital, sentence } from '../platform/sentence';
import { stepInEditor } from '../views/next-step';

const { t } = vscode.l10n;

/** What every command works with. */
export interface CommandContext {
  log: Log;
  /** `undefined` where no folder of a disk is open, or the workspace is not trusted. */
  model: GatewayModel | undefined;
  logs: LogChannels;
  calls: CallDocuments;
  preview: PlanPreview;
  /** The folder of this extension. */
  extensionPath: string;
}

/** What a command works with once a folder is open. */
export type FolderContext = CommandContext & { model: GatewayModel };

/** `argument` is whatever the menu or link passed: a row of the tree, a name, or nothing. */
export type Handler = (context: FolderContext, argument: unknown) => Promise<void> | void;

/** Runs a command. A failure is logged and shown once, with its next step. */
export async function runCommand(
  context: CommandContext,
  id: string,
  handler: Handler,
  argument: unknown,
): Promise<void> {
  try {
    await handler(withFolder(context), argument);
  } catch (error) {
    if (isCancelled(error)) return;
    context.log.failure(id, error);
    const next = error instanceof AppError && error.next !== undefined ? ` ${stepInEditor(error.next)}` : '';
    const message = sentence(capital(messageOf(error).trim()));
    const showLog = t('Show Log');
    const chosen = await vscode.window.showErrorMessage(`${message}${next}`, showLog);
    if (chosen === showLog) context.log.show();
  }
}

interface Work {
  signal: AbortSignal;
  progress: (line: string) => void;
}

/**
 * Shows progress that can be cancelled while the work goes on. Its lines are the notification's text. Work that is done
 * within `quietMs` shows nothing.
 */
export async function withProgress<T>(
  title: string,
  log: Log,
  work: (options: Work) => Promise<T>,
  quietMs = 0,
): Promise<T> {
  const abort = new AbortController();
  let last: string | undefined;
  let show: ((line: string) => void) | undefined;
  const progress = (line: string): void => {
    log.log('info', line);
    last = line;
    show?.(line);
  };
  const working = work({ signal: abort.signal, progress });
  if (quietMs > 0 && (await isDoneWithin(working, quietMs))) return await working;
  const location = vscode.ProgressLocation.Notification;
  return await vscode.window.withProgress({ location, title, cancellable: true }, async (report, token) => {
    const subscription = token.onCancellationRequested(() =>
      abort.abort(new AppError('cancelled', t('Cancelled.'))),
    );
    show = (message) => report.report({ message });
    if (last !== undefined) show(last);
    try {
      return await working;
    } finally {
      subscription.dispose();
    }
  });
}

async function isDoneWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const done = work.then(
    () => true,
    () => true,
  );
  return await Promise.race([done, late]).finally(() => clearTimeout(timer));
}

function withFolder(context: CommandContext): FolderContext {
  const { model } = context;
  if (model) return { ...context, model };
  if (!vscode.workspace.isTrusted) {
    throw new AppError('refused', t('This workspace is not trusted.'), {
      next: t('Trust it first. The gateway starts programs that the workspace names.'),
    });
  }
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder) {
    throw new AppError('refused', t('{0} is a virtual workspace.', folder.name), {
      next: t('Open the folder from a disk. The dev container and its gateway need real files.'),
    });
  }
  throw new AppError('refused', t('No folder is open.'), {
    next: t('Open the folder of the dev container first.'),
  });
}

/** Whether the person, not a failure, ended the work. */
export function isCancelled(error: unknown): boolean {
  if (error instanceof AppError) return error.code === 'cancelled';
  return error instanceof vscode.CancellationError || (error instanceof Error && error.name === 'AbortError');
}
