import * as vscode from 'vscode';
import type { ToolEntry } from '../editor/catalogue';
import type { GatewayModel } from '../editor/model';
import type { ServerReport } from '../servers/api-types';
import { AppError } from '../platform/errors';
import type { Node } from '../views/nodes';
import { firstLine, serverWord } from '../views/words';

const { t } = vscode.l10n;

/** The row that a menu passed; `undefined` for anything else. */
export function nodeIn(argument: unknown): Node | undefined {
  return isNode(argument) ? argument : undefined;
}

/** Rows come from our own tree, and the editor hands back the very object. */
function isNode(argument: unknown): argument is Node {
  return typeof argument === 'object' && argument !== null && 'kind' in argument;
}

/** The selected server: the one of the row or name passed, else the one the person picks. */
export async function pickServer(
  model: GatewayModel,
  argument: unknown,
  fits: (server: ServerReport) => boolean = () => true,
): Promise<ServerReport> {
  const node = nodeIn(argument);
  if (node?.kind === 'server') return node.server;
  const servers = knownServers(model);
  if (typeof argument === 'string') {
    const named = servers.find(({ name }) => name === argument);
    if (named) return named;
    throw new AppError('not-found', t('There is no server "{0}" behind the gateway.', argument));
  }
  const candidates = servers.filter(fits);
  if (candidates.length === 0) {
    throw new AppError('not-found', t('No server of the gateway can be chosen for this now.'), {
      next: t('See the Gateway view for the state of each server.'),
    });
  }
  const items = candidates.map((server) => ({ label: server.name, description: serverWord(server), server }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: t('Which server?') });
  if (!chosen) throw new vscode.CancellationError();
  return chosen.server;
}

/** The selected tool: the one of the row or name passed, else the one the person picks. */
export async function pickTool(model: GatewayModel, argument: unknown): Promise<ToolEntry> {
  const node = nodeIn(argument);
  if (node?.kind === 'tool') return node.entry;
  await model.manager();
  const tools = await model.catalogue.tools();
  if (typeof argument === 'string') {
    const named = tools.find(({ name }) => name === argument);
    if (named) return named;
    throw new AppError('not-found', t('There is no tool "{0}" behind the gateway.', argument));
  }
  const items = tools.map((tool) => ({
    label: tool.tool,
    description: tool.server,
    detail: firstLine(tool.description ?? ''),
    tool,
  }));
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: t('Which tool?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!chosen) throw new vscode.CancellationError();
  return chosen.tool;
}

function knownServers(model: GatewayModel): readonly ServerReport[] {
  const { state } = model;
  if (state && 'servers' in state) return state.servers;
  throw new AppError('unreachable', t('The gateway does not answer.'), {
    next: t('Start it, or look in the Gateway view for the reason.'),
  });
}
