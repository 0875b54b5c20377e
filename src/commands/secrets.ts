import * as vscode from 'vscode';
import type { GatewayModel } from '../editor/model';
import { partOf, type AdminPart } from '../gateway/kind';
import { AppError } from '../platform/errors';
import { isCancelled, type FolderContext } from './command';

const { t } = vscode.l10n;

/**
 * Asks for each secret that servers need and that has no value, and hands it to the gateway. For each secret that is
 * skipped or cannot be handed over, a message says how to set it later. This is not a failure of the earlier steps.
 */
export async function askSecrets({ model, log }: Pick<FolderContext, 'model' | 'log'>): Promise<void> {
  try {
    const left = await askMissing(await adminApi(model));
    if (left.length > 0) void vscode.window.showInformationMessage(setLater(left.join(', ')));
  } catch (error) {
    if (isCancelled(error)) throw error;
    log.failure('the secrets were not asked for', error);
    void vscode.window.showWarningMessage(setLater('NAME'));
  }
}

/** Asks for each missing value and hands it over. Resolves with the skipped names. */
export async function askMissing(api: AdminPart): Promise<string[]> {
  const { missing } = await api.secrets();
  const left: string[] = [];
  for (const { name, servers } of missing) {
    const value = await askValue(name, servers);
    if (value === undefined) left.push(name);
    else await api.setSecret(name, value);
  }
  return left;
}

/** `undefined` for nothing typed. */
async function askValue(name: string, servers: readonly string[]): Promise<string | undefined> {
  const value = await vscode.window.showInputBox({
    title: t('Secrets of the MCP servers'),
    prompt: t(
      'The value of {0}, for {1}. The gateway keeps it in its own state, not in the workspace. Press Esc to skip it.',
      name,
      servers.join(', '),
    ),
    password: true,
    ignoreFocusOut: true,
  });
  return value === '' ? undefined : value;
}

function setLater(names: string): string {
  return t(
    'Servers that need a missing secret fail until it is set. Run this on the host: devcontainer-gateway secret set {0}',
    names,
  );
}

async function adminApi(model: GatewayModel): Promise<AdminPart> {
  const manager = await model.manager();
  const token = await manager.adminToken(AbortSignal.timeout(10_000));
  if (token === undefined) throw new AppError('unauthorized', 'The admin token cannot be read from here.');
  const address = await manager.address(AbortSignal.timeout(10_000));
  return partOf(manager.kind, 'admin')({ ...address, token });
}
