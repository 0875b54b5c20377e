import type { CallTracer, Traced } from '../calls/gate';
import type { CallRecord } from '../calls/record';
import type { Caller } from '../client/caller';
import type { Params } from '../../mcp-wire/params';
import type { SpanExporter } from './span-exporter';
import { formatTraceparent, parseTraceparent, randomId } from './traceparent';

const untraced: Traced = { span: undefined, traceparent: undefined };

/** Adds each call to the trace of its client, and gives it to the exporter when it has ended. */
export class Tracer implements CallTracer {
  /** Without an exporter, trace contexts are only passed on. */
  constructor(readonly exporter: SpanExporter | undefined) {}

  begin(caller: Caller, params: Params): Traced {
    const inBody = params.metaText('traceparent');
    const { exporter } = this;
    if (!exporter && caller.traceparent === undefined) return untraced;
    const parent = parseTraceparent(inBody) ?? parseTraceparent(caller.traceparent);
    // A trace that the client does not record is passed on but not recorded.
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
