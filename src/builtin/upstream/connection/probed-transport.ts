import { messageOf } from '../../../platform/errors';
import { sentence } from '../../../platform/sentence';
import { makeIdentity } from '../../client/client';
import { requestBytes, scanMessage, type Message } from '../../../mcp-wire/envelope';
import { metaObject } from '../../../mcp-wire/params';
import type { Transport, TransportEvents, CloseCause, SendContext } from '../transports/transport';
import { envelopeMeta } from './envelope-meta';
import { gatewayInfo } from './gateway-info';

/** Other requests have ids from 1, so a late response to the probe cannot be taken for another one. */
const probeId = 0;

const identity = makeIdentity(Buffer.from('{}'), Buffer.from(JSON.stringify(gatewayInfo)));

const probe = requestBytes(
  probeId,
  'server/discover',
  Buffer.from(`{"_meta":${metaObject(envelopeMeta(identity))}}`),
);

/** The result of the probe: a message, or the reason why there is none. */
export type ProbeOutcome = { message: Buffer } | { failure: unknown };

/** The server did not answer the probe in time. */
export class ProbeTimeoutError extends Error {}

/** The server ended before it could be probed, so nothing is known about its era. */
export class NotProbedError extends Error {}

/**
 * A transport that can probe the protocol era of its server before the handshake.
 *
 * The probe is a `server/discover` request of 2026-07-28. A server of the legacy era may refuse it, ignore it, or exit
 * because of it. If the probe makes the process exit, the process is restarted and `initialize` is used; the owner of the
 * transport does not notice. If the response comes after the time limit, it is still accepted until the handshake is
 * complete. The probe has the id 0, so its response cannot be mixed up with others. See
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/lifecycle (Initialization, Version Negotiation); since
 * 2026-07-28, `server/discover` replaces `initialize`.
 */
export class ProbedTransport implements Transport {
  /** Called when the owner has completed the handshake. */
  onNegotiated: () => void = () => undefined;
  /** Called with a response to the probe that came after the time limit but before the end of the handshake. */
  onLateResponse: (message: Buffer) => void = () => undefined;
  /** Whether the server has sent a result other than that of the probe. */
  answered = false;
  #inner: Transport;
  #probing: ((outcome: ProbeOutcome) => void) | undefined;
  /** Whether the process was probed and may still answer. */
  #probePending = false;
  /** Whether the process has sent any message. */
  #hasSentMessage = false;
  #resolveLate: () => void = () => undefined;
  /** The `initialize` request that was sent while the probe is pending. A restarted process needs it too. */
  #initializeMessage: { bytes: Buffer; context: SendContext } | undefined;
  #restarting = false;
  #closed = false;
  #closeReason: string | undefined;

  constructor(
    readonly openInner: (events: TransportEvents) => Transport,
    readonly events: TransportEvents,
  ) {
    this.#inner = this.#start();
  }

  get pid(): number | null {
    return this.#inner.pid;
  }

  get url(): string | null {
    return this.#inner.url;
  }

  get prepared(): Promise<void> {
    return this.#inner.prepared ?? Promise.resolve();
  }

  send(bytes: Buffer, context?: SendContext): Promise<void> | undefined {
    if (this.#probePending && context?.method === 'initialize') this.#initializeMessage = { bytes, context };
    return this.#restarting ? undefined : this.#inner.send(bytes, context);
  }

  negotiated(protocolVersion: string): void {
    this.#forgetProbe();
    this.#inner.negotiated(protocolVersion);
    this.onNegotiated();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#inner.close();
  }

  /** Sends the probe and resolves with its result. If the probe ended the process, it was restarted by then. */
  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    if (this.#closeReason !== undefined)
      return { failure: new NotProbedError(sentence(`The server ${this.#closeReason}`)) };
    let late: () => void = () => undefined;
    try {
      return await new Promise<ProbeOutcome>((resolve) => {
        this.#probing = resolve;
        const fail = (failure: unknown): void => resolve({ failure });
        late = () => {
          this.#probePending = this.url === null;
          fail(new ProbeTimeoutError('The server did not answer the probe of its protocol era in time.'));
        };
        signal.addEventListener('abort', late);
        this.#inner
          .send(probe, { id: probeId, method: 'server/discover', signal })
          ?.catch((failure: unknown) => {
            // A process that does not accept input is about to exit, and the exit says why.
            if (this.url !== null) fail(failure);
          });
      });
    } finally {
      this.#probing = undefined;
      // Node.js keeps a combined signal, and everything that it refers to, alive as long as it has a listener.
      signal.removeEventListener('abort', late);
    }
  }

  /** Resolves when the late response has arrived, or is not expected any more, or the signal aborts. */
  async lateResponse(signal: AbortSignal): Promise<void> {
    if (!this.#probePending || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#resolveLate = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  #forgetProbe(): void {
    this.#probePending = false;
    this.#initializeMessage = undefined;
    this.#resolveLate();
  }

  #start(): Transport {
    return this.openInner({
      message: (bytes, requestId) => {
        this.#hasSentMessage = true;
        if (this.#probing && isProbeResponse(bytes)) this.#probing({ message: bytes });
        else if (this.#probePending && isProbeResponse(bytes)) {
          this.onLateResponse(bytes);
          this.#forgetProbe();
        } else {
          this.answered ||= scanned(bytes)?.kind === 'result';
          this.events.message(bytes, requestId);
        }
      },
      closed: (reason, ending) => this.#onClosed(reason, ending),
      log: (line) => this.events.log(line),
      activity: (what) => this.events.activity?.(what),
    });
  }

  #onClosed(reason: string, ending?: CloseCause): void {
    const probing = this.#probing;
    const before = this.#inner;
    const started = before.pid !== null || before.url !== null;
    const asked = probing !== undefined || (this.#probePending && !this.#hasSentMessage);
    if (!asked || this.#closed || !started) {
      this.#closeReason = reason;
      this.#forgetProbe();
      this.events.closed(reason, ending);
      probing?.({ failure: new NotProbedError(sentence(`The server ${reason}`)) });
      return;
    }
    this.events.log(`[gateway] The server ${reason} during the probe of its protocol era. It is restarted.`);
    this.#restarting = true;
    before.close().then(
      () => {
        try {
          if (!this.#closed) this.#startAgain();
        } catch (error) {
          this.#closeReason = reason;
          this.events.closed(reason);
          probing?.({ failure: new NotProbedError(messageOf(error)) });
          return;
        }
        probing?.({ failure: new Error(sentence(`The server ${reason}`)) });
      },
      (error: unknown) => {
        this.#restarting = false;
        if (probing) probing({ failure: error });
        else this.events.closed(reason);
      },
    );
  }

  #startAgain(): void {
    const opening = this.#initializeMessage;
    this.#forgetProbe();
    this.#restarting = false;
    this.#inner = this.#start();
    // A process that does not accept input is about to exit, and the exit says why.
    if (opening) this.#inner.send(opening.bytes, opening.context)?.catch(() => undefined);
  }
}

function isProbeResponse(bytes: Buffer): boolean {
  const message = scanned(bytes);
  if (message?.kind !== 'result' && message?.kind !== 'error') return false;
  return (message.id ?? '0') === String(probeId);
}

function scanned(bytes: Buffer): Message | undefined {
  try {
    return scanMessage(bytes);
  } catch {
    // The owner reports messages that cannot be read.
    return undefined;
  }
}
