import { deadline } from '../../../platform/deadline';
import { Emitter } from '../../../platform/disposable';
import { messageOf } from '../../../platform/errors';
import type { ServerDefinition } from '../../../servers/schema';
import type { Era } from '../../client/client';
import { scanMessage } from '../../../mcp-wire/envelope';
import { elementsOf, isArray, isObject, memberNamed, membersOf, stringValue } from '../../../mcp-wire/json';
import { modernVersion } from '../../../mcp-wire/modern-era';
import type { Channel, ChannelEvents } from '../transports/transport';
import type { EraCache, EraVerdict } from './era-cache';
import { HttpRefusal, NoAnswer } from '../transports/http-problem';
import { NeverAsked, ProbedChannel, ProbeTimeout, type Outcome } from './probed-transport';

type Open = (definition: ServerDefinition, events: ChannelEvents) => Channel;

/**
 * How long a server may take to tell its era; after that it gets the handshake of the legacy era. A process may still be
 * starting then: what it tells later counts, see {@link ProbedChannel.lateAnswer}.
 */
const limitsMs = { pipe: 2000, http: 10_000 };

/** Opens channels that can be asked which era their server speaks, and remembers the verdicts. */
export class Eras {
  /** The channel of each definition that was opened last. */
  readonly #latest = new WeakMap<ServerDefinition, ProbedChannel>();

  /** The channel of each definition whose era was not asked for, because it was known. */
  readonly #trusting = new WeakMap<ServerDefinition, ProbedChannel>();

  /** What is believed of the server of each channel. */
  readonly #verdicts = new WeakMap<ProbedChannel, EraVerdict>();
  readonly #doing = new WeakMap<ServerDefinition, string>();
  readonly #changed = new Emitter<ServerDefinition>();
  /** What a channel of that definition does has changed. */
  readonly onDoing = this.#changed.event;

  constructor(
    readonly openChannel: Open,
    readonly cache: EraCache,
  ) {}

  /** What keeps the channel of a definition from taking messages, in a few words. */
  doing(definition: ServerDefinition): string | undefined {
    return this.#doing.get(definition);
  }

  /** Opens a channel that {@link ask} can ask as long as nothing was said on it. */
  readonly open: Open = (definition, events) => {
    if (!isAsked(definition)) return this.openChannel(definition, events);
    const channel = new ProbedChannel((inner) => this.openChannel(definition, inner), {
      ...events,
      doing: (what) => this.#does(definition, what),
    });
    this.#latest.set(definition, channel);
    return channel;
  };

  /**
   * Which era the server of the channel opened last speaks: from the cache, or by asking it. Who asks a second time hears
   * what the server has said since. Throws when it can not be told: refused credentials, a failing server and a broken
   * network are no evidence.
   */
  async ask(definition: ServerDefinition, signal: AbortSignal): Promise<Era> {
    const channel = this.#latest.get(definition);
    if (!channel) return 'legacy';
    const told = this.#verdicts.get(channel);
    if (told) return await this.#askedAgain(channel, told, signal);
    const known = await this.#remembered(definition);
    if (known) {
      this.#trusting.set(definition, channel);
      this.#verdicts.set(channel, known);
      return known.era;
    }
    const verdict = await probeEra(channel, signal);
    this.#verdicts.set(channel, verdict);
    if (verdict.basis === 'answered') await this.cache.set(definition, verdict);
    else if (channel.url === null) this.#waitOn(channel, definition, verdict);
    return verdict.era;
  }

  /** Silence may have other reasons: it counts once a process has opened a session and not said better before. */
  #waitOn(channel: ProbedChannel, definition: ServerDefinition, silent: EraVerdict): void {
    channel.onNegotiated = () => void this.cache.set(definition, this.#verdicts.get(channel) ?? silent);
    channel.onLateAnswer = (message) => {
      const verdict: EraVerdict = { era: eraOf(message), basis: 'answered' };
      this.#verdicts.set(channel, verdict);
      void this.cache.set(definition, verdict);
    };
  }

  /** A server that was asked before it was up, and is up now, gives its answer soon. */
  async #askedAgain(channel: ProbedChannel, told: EraVerdict, signal: AbortSignal): Promise<Era> {
    const limit = deadline([signal], limitsMs.pipe);
    await channel.lateAnswer(limit.signal);
    limit.dispose();
    return (this.#verdicts.get(channel) ?? told).era;
  }

  #does(definition: ServerDefinition, what: string | undefined): void {
    if (what === undefined) this.#doing.delete(definition);
    else this.#doing.set(definition, what);
    this.#changed.fire(definition);
  }

  /** The verdict from before, unless trusting it came to nothing the last time: the server may be another one by now. */
  async #remembered(definition: ServerDefinition): Promise<EraVerdict | undefined> {
    const trusted = this.#trusting.get(definition);
    this.#trusting.delete(definition);
    return trusted && !trusted.answered ? undefined : await this.cache.get(definition);
  }
}

/** The old HTTP+SSE pair and what we make ourselves are of the legacy era. */
function isAsked({ type }: ServerDefinition): boolean {
  return type !== 'sse' && type !== 'rest';
}

/** Asks `server/discover` on a channel on which nothing was said before. Throws when the outcome is no evidence. */
export async function probeEra(channel: ProbedChannel, signal: AbortSignal): Promise<EraVerdict> {
  signal.throwIfAborted();
  const limitMs = channel.url === null ? limitsMs.pipe : limitsMs.http;
  const limit = deadline([signal], limitMs);
  try {
    const outcome = await channel.probe(limit.signal);
    signal.throwIfAborted();
    return verdictOf(outcome, channel.url !== null);
  } finally {
    limit.dispose();
  }
}

/** Pure: what an outcome says about the era. Throws when it says nothing. */
export function verdictOf(outcome: Outcome, overHttp: boolean): EraVerdict {
  if ('message' in outcome) return { era: eraOf(outcome.message), basis: 'answered' };
  const { failure } = outcome;
  const silent: EraVerdict = { era: 'legacy', basis: 'silent' };
  if (failure instanceof NoAnswer || failure instanceof ProbeTimeout) return silent;
  // Old servers may end at a request before the handshake.
  if (!overHttp && !(failure instanceof NeverAsked)) return silent;
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
