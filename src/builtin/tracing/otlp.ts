import { version } from '../../platform/version';
import type { CallRecord } from '../calls/record';
import { product } from '../../platform/product';

type Value = string | number | undefined;

const serverKind = 2;
const errorStatus = 2;

/** The body of an OTLP/HTTP request with one span for each call. */
export function otlpBody(
  records: readonly CallRecord[],
  resource: Readonly<Record<string, string>>,
  redact: (text: string) => string,
): string {
  const spans = records.map((record) => spanOf(record, redact));
  const scope = { name: product.command, version };
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributes({ ...resource, 'service.version': version }) },
        scopeSpans: [{ scope, spans }],
      },
    ],
  });
}

/** The names of the attributes follow the OpenTelemetry semantic conventions for MCP. */
function spanOf(record: CallRecord, redact: (text: string) => string): object {
  const { span, outcome, method, caller, server } = record;
  const name = redact(record.name);
  const failed = outcome?.kind === 'error' || outcome?.kind === 'refused' || outcome?.isError === true;
  const named = method === 'tools/call' || method === 'prompts/get';
  return {
    traceId: span?.traceId,
    spanId: span?.spanId,
    ...(span?.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name: named ? `${method} ${name}` : method,
    kind: serverKind,
    startTimeUnixNano: unixNano(record.started),
    endTimeUnixNano: unixNano(record.started + (record.totalMs ?? 0)),
    attributes: attributes({
      'mcp.method.name': method,
      'mcp.session.id': caller.session,
      'gen_ai.tool.name': method === 'tools/call' ? name : undefined,
      'gen_ai.prompt.name': method === 'prompts/get' ? name : undefined,
      'mcp.resource.uri': method.startsWith('resources/') ? name : undefined,
      'error.type': failed ? (outcome.reason ?? (outcome.isError ? 'tool_error' : outcome.kind)) : undefined,
      'mcp_gateway.server': server,
      'mcp_gateway.token': record.token,
      'mcp_gateway.client': caller.client,
      'mcp_gateway.call': record.id,
      'mcp_gateway.outcome': outcome?.kind,
      'mcp_gateway.queued_ms': Math.round(record.queuedMs ?? 0),
      'mcp_gateway.request_bytes': record.requestBytes,
      'mcp_gateway.result_bytes': outcome?.bytes,
    }),
    status: failed ? { code: errorStatus, message: redact(outcome.problem ?? '') } : {},
  };
}

function attributes(values: Readonly<Record<string, Value>>): object[] {
  return Object.entries(values).flatMap(([key, value]) => {
    if (value === undefined) return [];
    return [{ key, value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value } }];
  });
}

/** Converts a time of the monotonic clock in milliseconds to nanoseconds since the epoch. */
function unixNano(monotonicMs: number): string {
  return `${Math.round((performance.timeOrigin + monotonicMs) * 1000)}000`;
}
