import type { CallRecord } from '../calls/record';
import type { Counter, Histogram, Registry, Series } from './registry';

const secondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** The methods that are relayed to servers. Every other method belongs to an extension and counts as `other`. */
const known = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'completion/complete',
]);

/** Methods whose names become labels. URIs are too many: each would be a series of its own. */
const named = new Set(['tools/call', 'prompts/get']);

interface Handles {
  outcomes: Map<string, Counter>;
  seconds: Histogram;
  queued: Histogram;
  requestBytes: Counter;
  resultBytes: Counter;
}

/** The metrics of calls. The labels of each target are computed once. */
export class CallMetrics {
  readonly #calls: Series<Counter>;
  readonly #seconds: Series<Histogram>;
  readonly #queued: Series<Histogram>;
  readonly #bytes: Series<Counter>;
  readonly #refusals: Series<Counter>;
  readonly #slow: Series<Counter>;
  /** By method, server and name. */
  readonly #handles = new Map<string, Map<string, Map<string, Handles>>>();

  constructor(registry: Registry) {
    this.#calls = registry.counters('mcp_gateway_calls_total', 'Number of calls to servers, by outcome.');
    this.#seconds = registry.histograms(
      'mcp_gateway_call_duration_seconds',
      'Duration of calls in the gateway and the server.',
      secondsBounds,
      500,
    );
    this.#queued = registry.histograms(
      'mcp_gateway_call_queue_seconds',
      'Time that calls waited in the queue.',
      secondsBounds,
      500,
    );
    this.#bytes = registry.counters(
      'mcp_gateway_call_bytes_total',
      'Bytes of params (in) and of results (out).',
    );
    this.#refusals = registry.counters('mcp_gateway_refusals_total', 'Number of refused calls, by reason.');
    this.#slow = registry.counters(
      'mcp_gateway_slow_calls_total',
      'Number of calls that took longer than slowCallSeconds.',
    );
  }

  finished(record: CallRecord): void {
    const { outcome } = record;
    if (!outcome) return;
    const handles = this.#handlesOf(record);
    const kind = outcome.isError ? 'tool_error' : outcome.kind;
    let counter = handles.outcomes.get(kind);
    if (!counter) {
      const labels = { server: record.server, method: methodLabel(record), name: nameLabel(record) };
      counter = this.#calls.with({ ...labels, outcome: kind });
      handles.outcomes.set(kind, counter);
    }
    counter.add();
    if (outcome.reason !== undefined)
      this.#refusals.with({ server: record.server, reason: outcome.reason }).add();
    handles.seconds.observe((record.totalMs ?? 0) / 1000);
    handles.queued.observe((record.queuedMs ?? 0) / 1000);
    handles.requestBytes.add(record.requestBytes);
    handles.resultBytes.add(outcome.bytes);
  }

  slow(record: CallRecord): void {
    this.#slow.with({ server: record.server, method: methodLabel(record) }).add();
  }

  #handlesOf(record: CallRecord): Handles {
    const { server } = record;
    const method = methodLabel(record);
    const name = nameLabel(record);
    const ofServer = within(within(this.#handles, method), server);
    let handles = ofServer.get(name);
    if (!handles) {
      handles = {
        outcomes: new Map(),
        seconds: this.#seconds.with({ server, method }),
        queued: this.#queued.with({ server, method }),
        requestBytes: this.#bytes.with({ server, direction: 'in' }),
        resultBytes: this.#bytes.with({ server, direction: 'out' }),
      };
      ofServer.set(name, handles);
    }
    return handles;
  }
}

function within<V>(maps: Map<string, Map<string, V>>, key: string): Map<string, V> {
  let map = maps.get(key);
  if (!map) maps.set(key, (map = new Map<string, V>()));
  return map;
}

function methodLabel({ method }: CallRecord): string {
  return known.has(method) ? method : 'other';
}

/** A name that the rules of a token exclude may be any text. */
function nameLabel({ method, name, outcome }: CallRecord): string {
  return named.has(method) && outcome?.reason !== 'filter' ? name : '';
}
