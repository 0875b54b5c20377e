import { messageOf } from '../../platform/errors';
import type { Disposable } from '../../platform/disposable';
import { defaultSettings, type GatewaySettings } from '../../servers/gateway-settings';
import { literalSecrets } from '../../servers/literal-secrets';
import type { ServersFile } from '../../servers/schema';
import { AuditLog } from './audit/audit-log';
import type { CallGate } from '../calls/call-gate';
import type { ServerRegistry } from '../catalogue/server-registry';
import { Gate } from '../calls/gate';
import { AllLimits } from '../calls/limits/call-limits';
import { CallMetrics } from '../metrics/call-metrics';
import { observeServers } from '../metrics/server-metrics';
import { observeProcess } from '../metrics/process-metrics';
import { Counter, Registry, type Series } from '../metrics/registry';
import { RecentCalls, callReport, type CallReport } from './recent';
import type { Redaction } from '../../platform/redact';
import type { Sessions } from '../client/session';
import { SlowCalls } from './slow';
import { tracingSettings } from '../tracing/settings';
import { SpanExporter } from '../tracing/span-exporter';
import { Tracer } from '../tracing/tracer';

export interface CallControlHost {
  stateDir: string;
  env: NodeJS.ProcessEnv;
  redaction: Redaction;
  /** Gets values that must not be seen anywhere. */
  secret: (value: string) => void;
  /** Something went wrong or is worth a warning. */
  note: (problem: string) => void;
}

const envelopeBytes = 64 * 1024;
const leastAnswerBytes = 16 * 1024 * 1024;

/** A full disk fails every call's line: it is told of at most this often. */
const reportEveryMs = 60_000;

/** Everything that watches calls and limits them, and the settings by which it does. */
export class CallControl {
  readonly calls: RecentCalls;
  readonly gate: CallGate;
  readonly #registry = new Registry();
  readonly #limits = new AllLimits();
  readonly #audit: AuditLog;
  readonly #slow: SlowCalls;
  readonly #tracer: Tracer;
  readonly #lost = new Counter();
  readonly #rejected: Series<Counter>;
  readonly #refreshProcess: () => Promise<void>;
  #settings = defaultSettings;
  #reportedAt = -Infinity;

  constructor(readonly host: CallControlHost) {
    const { stateDir, redaction, note } = host;
    const { redact } = redaction;
    this.calls = new RecentCalls(redact);
    this.#audit = new AuditLog(stateDir, this.#settings.audit, redaction, (error, lines) =>
      this.#auditFailed(error, lines),
    );
    this.#slow = new SlowCalls(this.calls, () => this.#settings.slowCallSeconds * 1000);
    const metrics = new CallMetrics(this.#registry);
    this.#slow.onSlow((record) => {
      metrics.slow(record);
      const { id, method, name, server } = record;
      note(
        `call ${id} (${method} ${name} of server "${server}") takes longer than ${this.#settings.slowCallSeconds} s`,
      );
    });
    this.#registry.observed(
      'mcp_gateway_audit_lines_lost_total',
      'counter',
      'Audit lines that could not be written.',
      () => [{ labels: {}, value: this.#lost.value }],
    );
    this.#registry.observed('mcp_gateway_calls_under_way', 'gauge', 'Calls that have no answer yet.', () => [
      { labels: {}, value: this.calls.runningCount },
    ]);
    this.#registry.observed('mcp_gateway_queued_calls', 'gauge', 'Calls that wait for their turn.', () =>
      [...this.#limits.queued()].map(([server, value]) => ({ labels: { server }, value })),
    );
    this.#rejected = this.#registry.counters(
      'mcp_gateway_requests_turned_away_total',
      'HTTP requests that were refused before they were looked into, by reason.',
    );
    this.#refreshProcess = observeProcess(this.#registry);
    const tracing = tracingSettings(host.env, note);
    for (const value of Object.values(tracing?.headers ?? {})) host.secret(value);
    const exporter = tracing && new SpanExporter(tracing, redact, note);
    if (exporter) observeSpans(this.#registry, exporter);
    this.#tracer = new Tracer(exporter);
    this.gate = new Gate({
      limits: this.#limits,
      tracer: this.#tracer,
      observers: [this.calls, metrics, this.#slow, this.#tracer],
      account: (record, params) => this.#audit.append(record, params),
      redact,
      resultBytes: () => this.#settings.limits.resultBytes,
    });
  }

  /** The limits of the HTTP edge, as they are at any time. */
  readonly edgeLimits = (): GatewaySettings['limits'] => this.#settings.limits;

  /** The largest answer of a server that is read at all: the largest result with its envelope, and lists of usual size. */
  readonly answerBytes = (): number =>
    Math.max(this.#settings.limits.resultBytes + envelopeBytes, leastAnswerBytes);

  /** Adds the state of servers and sessions to the metrics. */
  observe(registry: ServerRegistry, sessions: Sessions): void {
    observeServers(this.#registry, registry, sessions);
  }

  observeConnections(connections: { readonly open: number; readonly refused: number }): void {
    const registry = this.#registry;
    registry.observed('mcp_gateway_connections', 'gauge', 'Open connections of clients.', () => [
      { labels: {}, value: connections.open },
    ]);
    registry.observed(
      'mcp_gateway_connections_refused_total',
      'counter',
      'Connections beyond the limit.',
      () => [{ labels: {}, value: connections.refused }],
    );
  }

  /** Takes over the settings and limits of a servers file. */
  configure({ settings, servers }: ServersFile): void {
    this.#settings = settings;
    this.#audit.configure(settings.audit);
    this.#limits.configure(servers);
    for (const definition of servers.values())
      for (const { value } of literalSecrets(definition)) this.host.secret(value);
  }

  onSlow(listener: (call: CallReport) => void): Disposable {
    return this.#slow.onSlow((record) => listener(callReport(record, this.host.redaction.redact)));
  }

  /** Counts a request that was refused for its address, its token or the number of connections. */
  countRejected(reason: string): void {
    this.#rejected.with({ reason }).add();
  }

  /** The metrics in the Prometheus exposition format. */
  async metricsText(): Promise<string> {
    await this.#refreshProcess();
    return this.#registry.text();
  }

  async close(): Promise<void> {
    this.calls.dispose();
    this.#slow.dispose();
    await Promise.all([this.#audit.close(), this.#tracer.close()]);
  }

  #auditFailed(error: unknown, lines: number): void {
    this.#lost.add(lines);
    const now = performance.now();
    if (now - this.#reportedAt < reportEveryMs) return;
    this.#reportedAt = now;
    this.host.note(`the audit could not be written: ${messageOf(error)}`);
  }
}

function observeSpans(registry: Registry, exporter: SpanExporter): void {
  registry.observed('mcp_gateway_spans_total', 'counter', 'Spans that were sent or dropped.', () => [
    { labels: { result: 'sent' }, value: exporter.counts.sent },
    { labels: { result: 'dropped' }, value: exporter.counts.dropped },
  ]);
}
