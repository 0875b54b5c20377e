import path from 'node:path';
import * as vscode from 'vscode';
import { clients } from '../clients/clients';
import { sidecar } from '../devcontainer/sidecar';
import { kindsForDevContainers, sidecarKind } from '../kinds/registry';
import { exists } from '../platform/files';
import { loadServersFile } from '../servers/load';
import { neededVariables } from '../servers/needed-variables';

const { t } = vscode.l10n;

/** Asks for the kind of gateway; throws `refused` for one that this version cannot add. */
export async function pickKind(): Promise<ReturnType<typeof sidecarKind>> {
  const rows = kindsForDevContainers.map(({ id, label, maturity, limits, available }) => ({
    label: `$(${available ? 'plug' : 'circle-slash'}) ${label}`,
    description: maturity,
    detail: limits,
    id,
  }));
  const title = t('Add MCP Gateway: which kind of gateway?');
  const picked = await vscode.window.showQuickPick(rows, { title, matchOnDescription: true });
  if (!picked) throw new vscode.CancellationError();
  return sidecarKind(picked.id);
}

/** Asks for the clients; `.mcp.json` is always written, so it is shown without a question. */
export async function pickClients(): Promise<string[]> {
  const [always, ...others] = clients;
  const items = others.map(({ id, label, file }) => ({ label, description: file, id }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: t('Add MCP Gateway: which other clients should use it?'),
    placeHolder: t('{0} is always written.', always?.file ?? ''),
  });
  if (!picked) throw new vscode.CancellationError();
  return picked.map(({ id }) => id);
}

/**
 * What the servers of an existing servers.json need, and when the person is asked for it; `undefined` for nothing.
 * A file that cannot be read is reported by the gateway, with the line.
 */
export async function secretsNote(configPath: string): Promise<string | undefined> {
  const file = path.join(path.dirname(configPath), sidecar.folder, sidecar.serversFile);
  if (!(await exists(file))) return undefined;
  const loaded = await loadServersFile(file).catch(() => undefined);
  const needed = loaded ? [...neededVariables(loaded)] : [];
  if (needed.length === 0) return undefined;
  const list = needed.map(([name, servers]) => `${name} (${servers.join(', ')})`).join(', ');
  return t(
    'servers.json needs {0}. You are asked for missing values when the gateway is running. To set them later, run "devcontainer-gateway secret set" on the host.',
    list,
  );
}
