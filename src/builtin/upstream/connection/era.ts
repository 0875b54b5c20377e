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
 * How long a server may take to tell its era; after that it gets the handshake of the legacy era. A process may still be
 * starting then: what it tells later counts, see {@link ProbedTransport.lateResponse}.
 */
const limitsMs = { pipe: 2000, http: 10_000 };

/** Opens transports that can be asked which era their server speaks, and remembers the verdicts. */
export class Eras {
  /** The transport of each definition that was opened last. */
  readonly #latest = new WeakMap<ServerDefinition, ProbedTransport>();

  /** The transport of each definition whose era was not asked for, because it was known. */
  readonly #unprobed = new WeakMap<ServerDefinition, ProbedTransport>();

  /** What is believed of the server of each transport. */
  readonly #verdicts = new WeakMap<ProbedTransport, EraVerdict>();
  readonly #activities = new WeakMap<ServerDefinition, string>();
  readonly #changed = new Emitter<ServerDefinition>();
  /** What a transport of that definition does has changed. */
  readonly onActivityChanged = this.#changed.event;

  constructor(
    readonly openTransport: Open,
    readonly cache: EraCache,
  ) {}

  /** What keeps the transport of a definition from taking messages, in a few words. */
  activity(definition: ServerDefinition): string | undefined {
    return this.#activities.get(definition);
  }

  /** Opens a transport that {@link detect} can ask as long as nothing was said on it. */
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
   * Which era the server of the transport opened last speaks: from the cache, or by asking it. Who asks a second time hears
   * what the server has said since. Throws when it can not be told: refused credentials, a failing server and a broken
   * network are no evidence.
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

  /** Silence may have other reasons: it counts once a process has opened a session and not said better before. */
  #acceptLateResponse(transport: ProbedTransport, definition: ServerDefinition, silent: EraVerdict): void {
    transport.onNegotiated = () => void this.cache.set(definition, this.#verdicts.get(transport) ?? silent);
    transport.onLateResponse = (message) => {
      const verdict: EraVerdict = { era: eraOf(message), basis: 'answered' };
      this.#verdicts.set(transport, verdict);
      void this.cache.set(definition, verdict);
    };
  }

  /** A server that was asked before it was up, and is up now, gives its answer soon. */
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

  /** The verdict from before, unless trusting it came to nothing the last time: the server may be another one by now. */
  async #cached(definition: ServerDefinition): Promise<EraVerdict | undefined> {
    const trusted = this.#unprobed.get(definition);
    this.#unprobed.delete(definition);
    return trusted && !trusted.answered ? undefined : await this.cache.get(definition);
  }
}

/** The old HTTP+SSE pair and what we make ourselves are of the legacy era. */
function isProbed({ type }: ServerDefinition): boolean {
  return type !== 'sse' && type !== 'rest';
}

/** Asks `server/discover` on a transport on which nothing was said before. Throws when the outcome is no evidence. */
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

/** Pure: what an outcome says about the era. Throws when it says nothing. */
function verdictOf(outcome: ProbeOutcome, overHttp: boolean): EraVerdict {
  if ('message' in outcome) return { era: eraOf(outcome.message), basis: 'answered' };
  const { failure } = outcome;
  const silent: EraVerdict = { era: 'legacy', basis: 'silent' };
  if (failure instanceof NoResponseError || failure instanceof ProbeTimeoutError) return silent;
  // Old servers may end at a request before the handshake.
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
