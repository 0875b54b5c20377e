import * as vscode from 'vscode';
import { textRedaction } from '../platform/redact';
import { AppError } from '../platform/errors';
import type { LogLevel, Logger } from '../platform/log';

const redact = textRedaction();

/** The extension's own log channel. What looks like a secret is masked on its way in. */
export class Log implements Logger, vscode.Disposable {
  readonly #channel = vscode.window.createOutputChannel('MCP Gateway', { log: true });

  log(level: LogLevel, message: string, fields?: Record<string, unknown>): void {
    const text = fields ? `${message} ${JSON.stringify(fields)}` : message;
    this.#channel[level](redact(text));
  }

  /** Writes an error with everything that caused it. */
  failure(what: string, error: unknown): void {
    for (let current = error, depth = 0; current !== undefined && depth < 5; depth += 1) {
      const code = current instanceof AppError ? ` [${current.code}]` : '';
      const text = current instanceof Error ? current.message : JSON.stringify(current);
      this.#channel.error(redact(`${depth === 0 ? what : '  caused by'}${code}: ${text}`));
      if (current instanceof Error && !(current instanceof AppError) && current.stack)
        this.#channel.debug(redact(current.stack));
      current = current instanceof Error ? current.cause : undefined;
    }
  }

  show(): void {
    this.#channel.show(true);
  }

  dispose(): void {
    this.#channel.dispose();
  }
}
