import { makeIdentity } from '../../client/client';
import { requestBytes, scanMessage, type Message } from '../../../mcp-wire/envelope';
import { metaObject } from '../../../mcp-wire/params';
import type { Transport, TransportEvents, CloseCause, SendContext } from '../transports/transport';
import { envelopeMeta } from './envelope-meta';
import { gatewayInfo } from './gateway-info';

/** Our requests count from 1: nobody else waits for an answer of this id, should it come late. */
const probeId = 0;

const identity = makeIdentity(Buffer.from('{}'), Buffer.from(JSON.stringify(gatewayInfo)));

const probe = requestBytes(
  probeId,
  'server/discover',
  Buffer.from(`{"_meta":${metaObject(envelopeMeta(identity))}}`),
);

/** What came of the probe: a message, or why none came. */
export type ProbeOutcome = { message: Buffer } | { failure: unknown };

/** The server did not answer in time. */
export class ProbeTimeoutError extends Error {}

/** The server was gone before it could be asked: nothing is known of it. */
export class NotProbedError extends Error {}

/** A transport that can ask the era first. Should that end its server, another is started, unseen by the owner. */
export class ProbedTransport implements Transport {
  /** Called when the owner has opened a session. */
  onNegotiated: () => void = () => undefined;
  /** Called with an answer to the probe that came after it was given up, before a session was opened. */
  onLateResponse: (message: Buffer) => void = () => undefined;
  /** Whether the server has given its owner a result. */
  answered = false;
  #inner: Transport;
  #probing: ((outcome: ProbeOutcome) => void) | undefined;
  /** Whether the process has been asked and may answer yet. */
  #probePending = false;
  /** Whether the process has said anything. */
  #hasSentMessage = false;
  #resolveLate: () => void = () => undefined;
  /** What opens a session, said to a process that has not answered the probe: another process needs to hear it too. */
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

  /** Resolves with what came of the probe; a server that it ended was replaced by then. */
  async probe(signal: AbortSignal): Promise<ProbeOutcome> {
    if (this.#closeReason !== undefined)
      return { failure: new NotProbedError(`the server ${this.#closeReason}`) };
    let late: () => void = () => undefined;
    try {
      return await new Promise<ProbeOutcome>((resolve) => {
        this.#probing = resolve;
        const fail = (failure: unknown): void => resolve({ failure });
        late = () => {
          this.#probePending = this.url === null;
          fail(new ProbeTimeoutError('the server did not tell its protocol era in time'));
        };
        signal.addEventListener('abort', late);
        this.#inner
          .send(probe, { id: probeId, method: 'server/discover', signal })
          ?.catch((failure: unknown) => {
            // What a process did not take is followed by its end, which says why.
            if (this.url !== null) fail(failure);
          });
      });
    } finally {
      this.#probing = undefined;
      // Node keeps a signal made of others alive, and all that belongs to it, for as long as somebody listens to it.
      signal.removeEventListener('abort', late);
    }
  }

  /** Resolves when a process has answered the probe that was given up, or will not, or the signal aborts. */
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
      probing?.({ failure: new NotProbedError(`the server ${reason}`) });
      return;
    }
    this.events.log(`[gateway] it ${reason} when asked for its protocol era, and is started again`);
    this.#restarting = true;
    before.close().then(
      () => {
        if (!this.#closed) this.#startAgain();
        probing?.({ failure: new Error(`the server ${reason}`) });
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
    // What a process does not take is followed by its end, which says why.
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
    // The owner reports what cannot be read.
    return undefined;
  }
}
