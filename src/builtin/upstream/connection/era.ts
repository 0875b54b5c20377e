import { deadline } from '../../../platform/deadline';
import { Emitter } from '../../../platform/disposable';
import { messageOf } from '../../../platform/errors';
import type { ServerDefinition } from '../../../servers/schema';
import type { Era } from '../../client/client';
import { scanMessage } from '../../../mcp-wire/envelope';
import { elementsOf, isArray, isObject, memberNamed, membersOf, stringValue } from '../../../mcp-wire/json';
import { modernVersion } from '../../../mcp-wire/modern-era';
import type { Transport, TransportEvents } from '../transports/transport';
import type { EraCache, EraVerdict } from './era-cache';
import { HttpRefusal, NoResponseError } from '../transports/http-problem';
import { NotProbedError, ProbedTransport, ProbeTimeoutError, type ProbeOutcome } from './probed-transport';

type Open = (definition: ServerDefinition, events: TransportEvents) => Transport;

/**
 * How long a server may take to answer the probe. After that, the handshake of the legacy era is used. A process may still
 * be starting then, so a later response counts, see {@link ProbedTransport.lateResponse}.
 */
const limitsMs = { pipe: 2000, http: 10_000 };

/**
 * Detects which protocol era each server speaks, and caches the verdicts.
 *
 * The legacy era (2024-11-05 to 2025-11-25) opens a session with `initialize`. The modern era (2026-07-28) is stateless and
 * has `server/discover` instead. A server is probed with `server/discover`: a result that supports 2026-07-28 means modern;
 * an error, a refusal with a 4xx status, silence, or a process that exits means legacy. Refused credentials, 5xx statuses
 * and network errors say nothing, so detection fails and is retried later. Verdicts are cached for a week, or for a day
 * when they come from silence. A cached verdict is not used again after a connection that brought no result. See
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle#version-negotiation
 */
export class Eras {
  /** The last opened transport of each definition. */
  readonly #latest = new WeakMap<ServerDefinition, ProbedTransport>();

  /** The transport of each definition that was not probed, because the verdict was cached. */
  readonly #unprobed = new WeakMap<ServerDefinition, ProbedTransport>();

  /** The verdict for each transport. */
  readonly #verdicts = new WeakMap<ProbedTransport, EraVerdict>();
  readonly #activities = new WeakMap<ServerDefinition, string>();
  readonly #changed = new Emitter<ServerDefinition>();
  /** Fires when the activity of a transport of the definition has changed. */
  readonly onActivityChanged = this.#changed.event;

  constructor(
    readonly openTransport: Open,
    readonly cache: EraCache,
  ) {}

  /** What the transport of a definition is busy with before it can accept messages, in a few words. */
  activity(definition: ServerDefinition): string | undefined {
    return this.#activities.get(definition);
  }

  /** Opens a transport. {@link detect} can probe it as long as nothing was sent on it. */
  readonly open: Open = (definition, events) => {
    if (!isProbed(definition)) return this.openTransport(definition, events);
    const transport = new ProbedTransport((inner) => this.openTransport(definition, inner), {
      ...events,
      activity: (what) => this.#setActivity(definition, what),
    });
    this.#latest.set(definition, transport);
    return transport;
  };

  /**
   * The era of the server of the last opened transport, from the cache or by a probe. A second call also uses a late
   * response to the probe. Throws when the era cannot be detected, because refused credentials, a failing server and a
   * network error are no evidence.
   */
  async detect(definition: ServerDefinition, signal: AbortSignal): Promise<Era> {
    const transport = this.#latest.get(definition);
    if (!transport) return 'legacy';
    const before = this.#verdicts.get(transport);
    if (before) return await this.#detectAgain(transport, before, signal);
    const cached = await this.#cached(definition);
    if (cached) {
      this.#unprobed.set(definition, transport);
      this.#verdicts.set(transport, cached);
      return cached.era;
    }
    const verdict = await probeEra(transport, signal);
    this.#verdicts.set(transport, verdict);
    if (verdict.basis === 'answered') await this.cache.set(definition, verdict);
    else if (transport.url === null) this.#acceptLateResponse(transport, definition, verdict);
    return verdict.era;
  }

  /** Silence can have other reasons, so it is cached only after a handshake without a late response. */
  #acceptLateResponse(transport: ProbedTransport, definition: ServerDefinition, silent: EraVerdict): void {
    transport.onNegotiated = () => void this.cache.set(definition, this.#verdicts.get(transport) ?? silent);
    transport.onLateResponse = (message) => {
      const verdict: EraVerdict = { era: eraOf(message), basis: 'answered' };
      this.#verdicts.set(transport, verdict);
      void this.cache.set(definition, verdict);
    };
  }

  /** A server that was still starting when it was probed answers soon after it is up. */
  async #detectAgain(transport: ProbedTransport, verdict: EraVerdict, signal: AbortSignal): Promise<Era> {
    const limit = deadline([signal], limitsMs.pipe);
    await transport.lateResponse(limit.signal);
    limit.dispose();
    return (this.#verdicts.get(transport) ?? verdict).era;
  }

  #setActivity(definition: ServerDefinition, what: string | undefined): void {
    if (what === undefined) this.#activities.delete(definition);
    else this.#activities.set(definition, what);
    this.#changed.fire(definition);
  }

  /** The cached verdict, unless the last connection with it brought no result: the server may have changed. */
  async #cached(definition: ServerDefinition): Promise<EraVerdict | undefined> {
    const trusted = this.#unprobed.get(definition);
    this.#unprobed.delete(definition);
    return trusted && !trusted.answered ? undefined : await this.cache.get(definition);
  }
}

/** Servers with the old HTTP+SSE transport and REST APIs are always of the legacy era. */
function isProbed({ type }: ServerDefinition): boolean {
  return type !== 'sse' && type !== 'rest';
}

/** Sends the probe on a transport on which nothing was sent before. Throws when the outcome is no evidence. */
async function probeEra(transport: ProbedTransport, signal: AbortSignal): Promise<EraVerdict> {
  signal.throwIfAborted();
  const limitMs = transport.url === null ? limitsMs.pipe : limitsMs.http;
  const limit = deadline([signal], limitMs);
  try {
    const outcome = await transport.probe(limit.signal);
    signal.throwIfAborted();
    return verdictOf(outcome, transport.url !== null);
  } finally {
    limit.dispose();
  }
}

/** A pure function: the verdict that follows from an outcome. Throws when the outcome is no evidence. */
function verdictOf(outcome: ProbeOutcome, overHttp: boolean): EraVerdict {
  if ('message' in outcome) return { era: eraOf(outcome.message), basis: 'answered' };
  const { failure } = outcome;
  const silent: EraVerdict = { era: 'legacy', basis: 'silent' };
  if (failure instanceof NoResponseError || failure instanceof ProbeTimeoutError) return silent;
  // Old servers may exit at a request before the handshake.
  if (!overHttp && !(failure instanceof NotProbedError)) return silent;
  if (failure instanceof HttpRefusal && isEvidence(failure.status))
    return { era: 'legacy', basis: 'answered' };
  throw failure instanceof Error ? failure : new Error(messageOf(failure));
}

function isEvidence(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 407, 408, 425, 429].includes(status);
}

function eraOf(bytes: Buffer): EraVerdict['era'] {
  const message = scanMessage(bytes);
  if (message.kind !== 'result') return 'legacy';
  const supported = memberNamed(
    isObject(bytes, message.result) ? membersOf(bytes, message.result.start) : [],
    'supportedVersions',
  );
  const versions = isArray(bytes, supported)
    ? elementsOf(bytes, supported.start).map((span) => stringValue(bytes, span))
    : [];
  return versions.includes(modernVersion) ? 'modern' : 'legacy';
}
