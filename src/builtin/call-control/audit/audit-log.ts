import path from 'node:path';
import type { GatewaySettings } from '../../../servers/gateway-settings';
import type { CallRecord } from '../../calls/record';
import type { Redaction } from '../../../platform/redact';
import type { Params } from '../../../mcp-wire/params';
import { auditLine } from './audit-line';
import { LineFile } from './line-file';
import { RotatingFile } from './rotating-file';

/**
 * The audit: one line of JSON for each call, in `audit/audit.jsonl` of the state folder. A client gets its response after
 * the line was written. When it cannot be written, the failure is reported, and calls continue.
 */
export class AuditLog {
  readonly #file: LineFile;
  #settings: GatewaySettings['audit'];

  constructor(
    stateDir: string,
    settings: GatewaySettings['audit'],
    readonly redaction: Redaction,
    onFailure: (error: unknown, lines: number) => void,
  ) {
    this.#settings = settings;
    const file = new RotatingFile(path.join(stateDir, 'audit', 'audit.jsonl'), settings);
    this.#file = new LineFile(file, onFailure);
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
