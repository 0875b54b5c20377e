import http from 'node:http';
import { deadline } from '../../platform/deadline';
import { messageOf } from '../../platform/errors';
import { sentence } from '../../platform/sentence';
import type { CallRecord } from '../calls/record';
import { otlpBody } from './otlp';
import type { TracingSettings } from './settings';
import { late } from '../../platform/late';

const batchSize = 512;
/** The maximum number of waiting spans. Beyond it, the oldest are dropped. */
const maximumWaiting = 2048;
const sendEveryMs = 1000;
const longestPauseMs = 60_000;
const requestMs = 10_000;
/** How long sending may delay the shutdown of the gateway. */
const lastRequestMs = 2000;
/** Further failures within this time are not reported. */
const reportEveryMs = 60_000;

/** With these statuses the collector may accept the same spans later. Any other refusal is final. */
const retriable = new Set([429, 502, 503, 504]);

/** Sends spans to a collector in batches, one request at a time. It never delays calls: spans that do not fit are dropped. */
export class SpanExporter {
  readonly #agent: http.Agent;
  #waiting: CallRecord[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = sendEveryMs;
  #sending: Promise<void> | undefined;
  #reportedAt = -Infinity;
  readonly #closing = new AbortController();
  #sent = 0;
  #dropped = 0;

  constructor(
    readonly settings: TracingSettings,
    readonly redact: (text: string) => string,
    readonly note: (problem: string) => void,
  ) {
    this.#agent =
      settings.endpoint.protocol === 'https:'
        ? new late.https.Agent({ keepAlive: true })
        : new http.Agent({ keepAlive: true });
  }

  /** The number of spans that the collector accepted, and of those that were dropped. */
  get counts(): { sent: number; dropped: number } {
    return { sent: this.#sent, dropped: this.#dropped };
  }

  add(record: CallRecord): void {
    this.#waiting.push(record);
    this.#bound();
    this.#timer ??= setTimeout(() => void this.#send(), this.#pauseMs).unref();
  }

  /** Makes one last attempt to send the waiting spans, within a short time. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.#closing.abort(), lastRequestMs);
    await this.#sending;
    await this.#send();
    clearTimeout(timer);
    clearTimeout(this.#timer);
    this.#agent.destroy();
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting.splice(0, batchSize);
    if (batch.length === 0) return;
    this.#sending = this.#deliver(batch);
    await this.#sending;
    this.#sending = undefined;
    if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => void this.#send(), this.#pauseMs).unref();
  }

  async #deliver(batch: CallRecord[]): Promise<void> {
    try {
      const status = await this.#post(otlpBody(batch, this.settings.resource, this.redact));
      if (retriable.has(status)) throw new Error(`The collector answered with HTTP status ${status}.`);
      this.#pauseMs = sendEveryMs;
      if (status >= 200 && status < 300) this.#sent += batch.length;
      else this.#giveUp(batch.length, `The collector answered with HTTP status ${status}.`);
    } catch (error) {
      this.#pauseMs = Math.min(this.#pauseMs * 2, longestPauseMs);
      this.#waiting.unshift(...batch);
      this.#bound();
      this.#reportProblem(messageOf(error));
    }
  }

  /** Drops the oldest spans when too many wait. */
  #bound(): void {
    const excess = this.#waiting.length - maximumWaiting;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    this.#dropped += excess;
  }

  #giveUp(count: number, why: string): void {
    this.#dropped += count;
    this.#reportProblem(why);
  }

  #reportProblem(why: string): void {
    const now = performance.now();
    if (now - this.#reportedAt < reportEveryMs) return;
    this.#reportedAt = now;
    const { origin, pathname } = this.settings.endpoint;
    this.note(sentence(`Traces could not be sent to ${origin}${pathname}: ${why}`));
  }

  async #post(body: string): Promise<number> {
    const { endpoint, headers } = this.settings;
    const { request } = endpoint.protocol === 'https:' ? late.https : http;
    const limit = deadline([this.#closing.signal], requestMs);
    const status = new Promise<number>((resolve, reject) => {
      const sent = request(
        endpoint,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
          },
          signal: limit.signal,
        },
        (response) => {
          response.resume().on('error', reject);
          response.on('end', () => resolve(response.statusCode ?? 0));
        },
      );
      sent.on('error', reject).end(body);
    });
    return await status.finally(() => limit.dispose());
  }
}
