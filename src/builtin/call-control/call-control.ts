import { memoryLimit } from '../../platform/memory-limit';
import type { Disposable } from '../../platform/disposable';
import { nextFields } from '../../servers/api-types';
import { defaultSettings, type GatewaySettings } from '../../servers/gateway-settings';
import { literalSecrets } from '../../servers/literal-secrets';
import type { ServersFile } from '../../servers/schema';
import type { StateProblems } from '../state/state-problems';
import { storageError } from '../state/storage-error';
import { AuditLog } from './audit/audit-log';
import type { CallGate } from '../calls/call-gate';
import type { ServerRegistry } from '../catalogue/server-registry';
import { Closing } from '../calls/closing';
import { Gate } from '../calls/gate';
import { AllLimits } from '../calls/limits/call-limits';
import { CallMetrics } from '../metrics/call-metrics';
import { observeServers } from '../metrics/server-metrics';
import { observeProcess } from '../metrics/process-metrics';
import { Counter, Registry, type Series } from '../metrics/registry';
import { RecentCalls, callReport, type CallReport } from './recent';
import type { Redaction } from '../../platform/redact';
import type { Sessions } from '../client/session';
import { RefusalLog } from './refusal-log';
import { SlowCalls } from './slow';
import { tracingSettings } from '../tracing/settings';
import { SpanExporter } from '../tracing/span-exporter';
import { Tracer } from '../tracing/tracer';

export interface CallControlHost {
  /** The folder of the audit. */
  auditDir: string;
  env: NodeJS.ProcessEnv;
  redaction: Redaction;
  /** Receives secret values, so that they are kept out of logs. */
  secret: (value: string) => void;
  /** Logs a problem or a warning. */
  note: (problem: string) => void;
  /** Receives that the audit cannot be written, until it can. */
  stateProblems: StateProblems;
}

const envelopeBytes = 64 * 1024;
const leastAnswerBytes = 16 * 1024 * 1024;

const memory = memoryLimit();

/** How long a call may take to end after its server was stopped. */
const endMs = 1000;

/** A failure of the audit is reported at most this often, because a full disk fails every line. */
const reportEveryMs = 60_000;

/** Limits, records and measures calls: the gate, limits, audit, metrics, traces, recent calls and slow calls. */
export class CallControl {
  readonly calls: RecentCalls;
  readonly gate: CallGate;
  readonly #registry = new Registry();
  readonly #limits = new AllLimits();
  readonly #audit: AuditLog;
  readonly #slow: SlowCalls;
  readonly #tracer: Tracer;
  readonly #closing = new Closing();
  readonly #lost = new Counter();
  readonly #rejected: Series<Counter>;
  readonly #refreshProcess: () => Promise<void>;
  #settings = defaultSettings;
  #reportedAt = -Infinity;

  constructor(readonly host: CallControlHost) {
    const { auditDir, redaction, note } = host;
    const { redact } = redaction;
    this.calls = new RecentCalls(redact);
    this.#audit = new AuditLog(auditDir, this.#settings.audit, redaction, {
      failed: (error, lines) => this.#auditFailed(error, lines),
      mended: () => host.stateProblems.clear(this.#audit.path),
    });
    this.#slow = new SlowCalls(this.calls, () => this.#settings.slowCallSeconds * 1000);
    const metrics = new CallMetrics(this.#registry);
    this.#slow.onSlow((record) => {
      metrics.slow(record);
      const { id, method, name, server } = record;
      note(
        `The call ${id} (${method} ${name} of the server "${server}") takes longer than ${this.#settings.slowCallSeconds} s.`,
      );
    });
    this.#registry.observed(
      'mcp_gateway_audit_lines_lost_total',
      'counter',
      'Number of audit lines that could not be written.',
      () => [{ labels: {}, value: this.#lost.value }],
    );
    this.#registry.observed(
      'mcp_gateway_calls_under_way',
      'gauge',
      'Number of calls without a response yet.',
      () => [{ labels: {}, value: this.calls.runningCount }],
    );
    this.#registry.observed(
      'mcp_gateway_queued_calls',
      'gauge',
      'Number of calls that wait for their turn.',
      () => [...this.#limits.queued()].map(([server, value]) => ({ labels: { server }, value })),
    );
    this.#rejected = this.#registry.counters(
      'mcp_gateway_requests_turned_away_total',
      'Number of HTTP requests that were refused before they were processed, by reason.',
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
      observers: [this.calls, metrics, this.#slow, this.#tracer, new RefusalLog(note), this.#closing],
      closing: this.#closing,
      account: (record, params) => this.#audit.append(record, params),
      redact,
      resultBytes: () => this.#settings.limits.resultBytes,
    });
  }

  /** The budgets of memory that all clients share. */
  readonly budgets = (): { bodyBytes: number; eventBytes: number } => {
    const { bodyMemoryPercent, eventMemoryPercent } = this.#settings.limits;
    return {
      bodyBytes: Math.floor((memory * bodyMemoryPercent) / 100),
      eventBytes: Math.floor((memory * eventMemoryPercent) / 100),
    };
  };

  /** Returns the current limits of the HTTP edge. */
  readonly edgeLimits = (): GatewaySettings['limits'] => this.#settings.limits;

  /** The maximum size of a response that is read: the largest result with its envelope, but enough for usual lists. */
  readonly answerBytes = (): number =>
    Math.max(this.#settings.limits.resultBytes + envelopeBytes, leastAnswerBytes);

  /** Adds the state of servers and sessions to the metrics. */
  observe(registry: ServerRegistry, sessions: Sessions): void {
    observeServers(this.#registry, registry, sessions);
  }

  observeConnections(connections: { readonly open: number; readonly refused: number }): void {
    const registry = this.#registry;
    registry.observed('mcp_gateway_connections', 'gauge', 'Number of open client connections.', () => [
      { labels: {}, value: connections.open },
    ]);
    registry.observed(
      'mcp_gateway_connections_refused_total',
      'counter',
      'Number of connections that were refused because of the limit.',
      () => [{ labels: {}, value: connections.refused }],
    );
  }

  observeBodies(bodies: { readonly used: number }): void {
    this.#registry.observed(
      'mcp_gateway_body_bytes',
      'gauge',
      'Bytes of the bodies of requests under way.',
      () => [{ labels: {}, value: bodies.used }],
    );
  }

  observeEvents(events: { readonly used: number; readonly dropped: number }): void {
    const registry = this.#registry;
    registry.observed('mcp_gateway_event_bytes', 'gauge', 'Bytes of the events that sessions keep.', () => [
      { labels: {}, value: events.used },
    ]);
    registry.observed(
      'mcp_gateway_events_dropped_total',
      'counter',
      'Number of kept events that were given up because the budget was full.',
      () => [{ labels: {}, value: events.dropped }],
    );
  }

  /** Applies the settings and limits of a servers file. */
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

  /** Counts a request that was refused because of its address, its token or the number of connections. */
  countRejected(reason: string): void {
    this.#rejected.with({ reason }).add();
  }

  /** The metrics in the Prometheus exposition format. */
  async metricsText(): Promise<string> {
    await this.#refreshProcess();
    return this.#registry.text();
  }

  /**
   * Refuses new calls, and resolves when those under way have ended, after `stopSeconds`, or when `hurry` aborts. Calls that
   * are left then get an error that says why.
   */
  async drain(hurry: AbortSignal): Promise<void> {
    this.#closing.begin();
    await this.#closing.whenIdle(this.#settings.limits.stopSeconds * 1000, hurry);
    this.#closing.cut();
  }

  /** Resolves when no call is under way. A call that does not end is waited for only shortly. */
  async whenIdle(): Promise<void> {
    await this.#closing.whenIdle(endMs);
  }

  async close(): Promise<void> {
    this.calls.dispose();
    this.#slow.dispose();
    await Promise.all([this.#audit.close(), this.#tracer.close()]);
  }

  #auditFailed(error: unknown, lines: number): void {
    this.#lost.add(lines);
    const now = performance.now();
    const quiet = now - this.#reportedAt < reportEveryMs;
    if (!quiet) this.#reportedAt = now;
    const { message, next = '' } = storageError(this.#audit.path, error);
    const problem = { message: `Calls are served, but not audited: ${message}`, ...nextFields(next) };
    this.host.stateProblems.set(this.#audit.path, problem, quiet);
  }
}

function observeSpans(registry: Registry, exporter: SpanExporter): void {
  registry.observed(
    'mcp_gateway_spans_total',
    'counter',
    'Number of spans that were sent or dropped.',
    () => [
      { labels: { result: 'sent' }, value: exporter.counts.sent },
      { labels: { result: 'dropped' }, value: exporter.counts.dropped },
    ],
  );
}
