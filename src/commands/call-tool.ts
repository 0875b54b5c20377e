import * as v from 'valibot';
import * as vscode from 'vscode';
import { readCall, type WrittenCall } from '../editor/call-documents';
import type { GatewayModel } from '../editor/model';
import { resultText } from '../editor/result-text';
import { JsonObjectText, type Chunk, type ToolResult } from '../gateway/driver';
import { AppError } from '../platform/errors';
import { withProgress, type FolderContext } from './command';
import { pickTool } from './pick';

const { t } = vscode.l10n;
/** A call this short shows no progress, only its result. */
const quickMs = 1000;

/** Opens a document for the arguments of a tool. */
export async function callTool({ model, calls }: FolderContext, argument: unknown): Promise<void> {
  await calls.open(await pickTool(model, argument));
}

/** Makes the call that is written in the active editor and shows its result beside it. */
export async function runCall({ model, calls, log }: FolderContext): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (!document || !calls.has(document)) {
    throw new AppError('usage', t('The active editor does not contain a tool call.'), {
      next: t('Choose a tool with "Call Tool" first.'),
    });
  }
  const call = readCall(document);
  await document.save();
  if (calls.tool(call.tool)?.annotations?.destructiveHint === true) await confirmDestructive(call.tool);
  const started = Date.now();
  const result = await withProgress(
    t('Calling {0}', call.tool),
    log,
    async ({ signal, progress }) => await makeCall(model, call, signal, progress),
    quickMs,
  );
  await calls.showResult(call.tool, resultText(call.tool, result, Date.now() - started));
}

/** Asks only for a tool that declares that it may destroy something. */
async function confirmDestructive(tool: string): Promise<void> {
  const go = t('Call It');
  const detail = t('The tool declares that it may destroy data. The call has real effects.');
  const chosen = await vscode.window.showWarningMessage(t('Call {0}?', tool), { modal: true, detail }, go);
  if (chosen !== go) throw new vscode.CancellationError();
}

/** The MCP client is loaded only here. */
async function makeCall(
  model: GatewayModel,
  call: WrittenCall,
  signal: AbortSignal,
  progress: (line: string) => void,
): Promise<ToolResult> {
  const { openDriver } = await import('../kinds/registry');
  const { Gateway } = await import('../gateway/drivers/core');
  const { url, token, source } = await (await model.manager()).address(signal);
  const target = { kind: undefined, url, source, tokens: token === undefined ? [] : [token] };
  const gateway = new Gateway(await openDriver(target, signal), signal);
  try {
    const tool = await gateway.tool(call.tool);
    const args = v.parse(JsonObjectText, call.args);
    for await (const chunk of gateway.call(tool, args, { signal })) {
      if (chunk.type === 'result') return chunk.result;
      report(chunk, progress);
    }
    throw new AppError('protocol', t('{0} ended without a result.', call.tool));
  } finally {
    await gateway.dispose();
  }
}

function report(chunk: Exclude<Chunk, { type: 'result' }>, progress: (line: string) => void): void {
  if (chunk.type === 'progress') {
    const total = chunk.total === undefined ? '' : `/${chunk.total}`;
    progress(`${chunk.progress}${total} ${chunk.message ?? ''}`.trim());
  } else if (chunk.type === 'log') {
    progress(typeof chunk.data === 'string' ? chunk.data : JSON.stringify(chunk.data));
  }
}
