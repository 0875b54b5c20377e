import * as vscode from 'vscode';
import type { GatewayState } from '../gateway/watch/state';
import { AppError } from '../platform/errors';
import { withProgress, type FolderContext } from './command';

const settleMs = 120_000;

/** Creates the gateway if need be, starts it, and waits until its servers have settled. */
export async function start({ model, log }: FolderContext): Promise<void> {
  await up({ model, log }, vscode.l10n.t('Starting the MCP gateway'), false);
}

/** Builds the gateway's image again and replaces its container; its state, token and caches stay. */
export async function recreate({ model, log }: FolderContext): Promise<void> {
  await up({ model, log }, vscode.l10n.t('Recreating the MCP gateway'), true);
}

async function up(
  { model, log }: Pick<FolderContext, 'model' | 'log'>,
  title: string,
  build: boolean,
): Promise<void> {
  const manager = await model.manager();
  const { state, notes } = await withProgress(
    title,
    log,
    async ({ signal, progress }) =>
      await model.creating(async (step) => {
        const tell = (line: string): void => {
          progress(line);
          step(line);
        };
        return await manager.up({ signal, progress: tell, build, timeoutMs: settleMs });
      }),
  );
  for (const note of notes) log.log('warn', note);
  requireUp(state);
}

/** Throws the reason if a gateway that should be running is not. */
export function requireUp(state: GatewayState): void {
  if (!('reason' in state) || state.status === 'degraded') return;
  throw new AppError('unreachable', vscode.l10n.t('The gateway is not running. {0}', state.reason), {
    next: state.next,
  });
}
