import * as vscode from 'vscode';
import type { GatewayManager } from '../gateway/manager';
import { textRedaction } from '../platform/redact';
import { messageOf } from '../platform/errors';
import type { Log } from './log';
import { logLine } from './log-line';

const redact = textRedaction();

const tail = 500;

interface Channel {
  output: vscode.OutputChannel;
  abort: AbortController;
}

/** Output channels that follow a log, one for the gateway and one for each server that was asked for. */
export class LogChannels implements vscode.Disposable {
  readonly #channels = new Map<string, Channel>();

  constructor(readonly log: Log) {}

  /** Shows a log and follows it until it ends; asking again starts over with its last lines. */
  show(manager: GatewayManager, server: string | undefined): void {
    const name =
      server === undefined ? vscode.l10n.t('MCP Gateway: log') : vscode.l10n.t('MCP Gateway: {0}', server);
    const known = this.#channels.get(name);
    known?.abort.abort();
    const output = known?.output ?? vscode.window.createOutputChannel(name, 'log');
    const abort = new AbortController();
    this.#channels.set(name, { output, abort });
    output.clear();
    output.show(true);
    void this.#follow(manager, server, output, abort.signal);
  }

  /** Shows a text that is complete. */
  print(name: string, text: string): void {
    const known = this.#channels.get(name);
    const output = known?.output ?? vscode.window.createOutputChannel(name);
    if (!known) this.#channels.set(name, { output, abort: new AbortController() });
    output.replace(redact(text));
    output.show(true);
  }

  dispose(): void {
    for (const { output, abort } of this.#channels.values()) {
      abort.abort();
      output.dispose();
    }
    this.#channels.clear();
  }

  async #follow(
    manager: GatewayManager,
    server: string | undefined,
    output: vscode.OutputChannel,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      for await (const line of manager.logs(server, { follow: true, tail, signal }))
        output.appendLine(redact(logLine(line)));
      if (!signal.aborted) output.appendLine(vscode.l10n.t('--- the log ended ---'));
    } catch (error) {
      if (signal.aborted) return;
      this.log.failure('following a log', error);
      output.appendLine(`--- ${redact(messageOf(error))} ---`);
    }
  }
}
