import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { asLine } from '../../mcp-wire/envelope';

/** Writes one message a line, in the order of the calls. A slow reader holds the caller back. */
export class MessageWriter {
  constructor(
    readonly output: Writable,
    readonly signal: AbortSignal,
  ) {}

  /** Resolves when the output takes more. Rejects when the reader is gone. */
  async write(message: Buffer): Promise<void> {
    const ready = this.output.write(asLine(message));
    if (!ready && this.output.writableNeedDrain) await once(this.output, 'drain', { signal: this.signal });
  }
}
