import type { CallRecord, Span } from '../calls/record';
import type { Caller } from '../calls/call-gate';
import type { Params } from '../../mcp-wire/params';
import type { SpanExporter } from './span-exporter';
import { formatTraceparent, parseTraceparent, randomId } from './traceparent';

/** Where a call stands in its trace, and what the server is told of it. */
export interface Traced {
  span: Span | undefined;
  /** `undefined` leaves `_meta.traceparent` as it came. */
  traceparent: string | undefined;
}

const untraced: Traced = { span: undefined, traceparent: undefined };

/** Gives each call its place in the trace of its client, and hands it to the exporter when it has ended. */
export class Tracer {
  /** Without an exporter traces are only passed on. */
  constructor(readonly exporter: SpanExporter | undefined) {}

  begin(caller: Caller, params: Params): Traced {
    const inBody = params.metaText('traceparent');
    const { exporter } = this;
    if (!exporter && caller.traceparent === undefined) return untraced;
    const parent = parseTraceparent(inBody) ?? parseTraceparent(caller.traceparent);
    // What the client does not record is passed on, not recorded.
    if (!exporter || parent?.sampled === false)
      return {
        span: undefined,
        traceparent: inBody === undefined && parent ? caller.traceparent : undefined,
      };
    const traceId = parent?.traceId ?? randomId(16);
    const spanId = randomId(8);
    return {
      span: { traceId, spanId, parentId: parent?.parentId },
      traceparent: formatTraceparent(traceId, spanId),
    };
  }

  finished(record: CallRecord): void {
    if (record.span) this.exporter?.add(record);
  }

  async close(): Promise<void> {
    await this.exporter?.close();
  }
}
