import path from 'node:path';
import type { GatewaySettings } from '../../../servers/gateway-settings';
import type { CallRecord } from '../../calls/record';
import type { Redaction } from '../../../platform/redact';
import type { Params } from '../../../mcp-wire/params';
import { auditLine } from './audit-line';
import { LineFile, type LineFileHost } from './line-file';
import { RotatingFile } from './rotating-file';

/**
 * The audit: one line of JSON for each call, in `audit.jsonl` of its folder. A client gets its response after
 * the line was written. When it cannot be written, the failure is reported, and calls continue.
 */
export class AuditLog {
  /** The file of the newest lines. */
  readonly path: string;
  readonly #file: LineFile;
  #settings: GatewaySettings['audit'];

  constructor(
    folder: string,
    settings: GatewaySettings['audit'],
    readonly redaction: Redaction,
    host: LineFileHost,
  ) {
    this.#settings = settings;
    this.path = path.join(folder, 'audit.jsonl');
    this.#file = new LineFile(new RotatingFile(this.path, settings), host);
  }

  configure(settings: GatewaySettings['audit']): void {
    this.#settings = settings;
    this.#file.file.options = settings;
  }

  /** Resolves when the line of a call was written. `undefined` when there is nothing to wait for. */
  append(record: CallRecord, params: Params): Promise<void> | undefined {
    if (!this.#settings.enabled) return undefined;
    return this.#file.append(auditLine(record, params, this.redaction, this.#settings.arguments));
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
