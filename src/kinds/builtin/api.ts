import type { GatewayAddress } from '../../gateway/address';
import type {
  AdminPart,
  EventsPart,
  GatewayNews,
  LifecyclePart,
  LogsPart,
  ServersPart,
} from '../../gateway/kind';
import { restartServer } from './restart-server';
import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { deadline } from '../../platform/deadline';
import type { ErrorCode } from '../../platform/error-codes';
import { AppError, messageOf } from '../../platform/errors';
import { bodyOf, chunksOf, exchange, type HttpRequest } from '../../gateway/http';
import { apiUrl, bearer, forbidden, problemIn, unauthorized, unreachable } from '../../gateway/resolve/probe';
import type { AcceptedValues } from '../../servers/guards';
import {
  GatewayReport,
  LooserSettings,
  SecretsDocument,
  ServerReport,
  ServersDocument,
} from '../../servers/api-types';
import { serverSentEvents } from '../../mcp-wire/server-sent-events';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

const requestMs = 10_000;
const bodyLimit = 16 * 1024 * 1024;

/**
 * The built-in gateway's `/api`, seen from outside. Calls throw `unreachable`, `unauthorized`, `refused`, `not-found`,
 * `conflict`, `invalid-value` or `protocol`, with a next step.
 */
export class GatewayApi implements AdminPart, EventsPart, LifecyclePart, LogsPart, ServersPart {
  constructor(readonly address: GatewayAddress) {}

  /** Every server with its state. */
  async servers(signal?: AbortSignal): Promise<ServersDocument> {
    return this.#parse(ServersDocument, await this.#text('GET', apiUrl(this.address, 'servers'), signal));
  }

  /** Restarts one server and waits until it is up, or has failed. Throws `timeout` when it is neither after a minute. */
  async restartServer(name: string, signal: AbortSignal): Promise<ServerReport> {
    return await restartServer(this, name, signal);
  }

  /** Asks for the restart of one server; the answer comes before it is up. */
  async requestRestart(name: string, signal?: AbortSignal): Promise<ServerReport> {
    const url = apiUrl(this.address, `servers/${encodeURIComponent(name)}/restart`);
    return this.#parse(v.object({ server: ServerReport }), await this.#text('POST', url, signal)).server;
  }

  /** Switches a server, or one of its tools, on or off; the address carries the admin token. */
  async switch(
    { server, tool }: { server: string; tool?: string | undefined },
    enabled: boolean,
    signal?: AbortSignal,
  ): Promise<ServerReport> {
    const names = tool === undefined ? [server] : [server, 'tools', tool];
    const path = ['servers', ...names, enabled ? 'enable' : 'disable'].map(encodeURIComponent).join('/');
    const text = await this.#text('POST', apiUrl(this.address, path), signal);
    return this.#parse(v.object({ server: ServerReport }), text).server;
  }

  /** The names of the secrets, and of those that servers need and that have no value; the address carries the admin token. */
  async secrets(signal?: AbortSignal): Promise<SecretsDocument> {
    return this.#parse(SecretsDocument, await this.#text('GET', apiUrl(this.address, 'secrets'), signal));
  }

  /** Sets a secret; the servers that refer to it start anew. The address carries the admin token. */
  async setSecret(name: string, value: string, signal?: AbortSignal): Promise<void> {
    await this.#text('PUT', this.#secretUrl(name), signal, Buffer.from(value));
  }

  /** Removes a secret; the servers that refer to it start anew. The address carries the admin token. */
  async removeSecret(name: string, signal?: AbortSignal): Promise<void> {
    await this.#text('DELETE', this.#secretUrl(name), signal);
  }

  /** Forgets all switches of servers and tools. The address carries the admin token. */
  async resetSwitches(signal?: AbortSignal): Promise<ServersDocument> {
    return this.#parse(
      ServersDocument,
      await this.#text('POST', apiUrl(this.address, 'switches/reset'), signal),
    );
  }

  /** The settings of the servers file that guard less than is accepted. */
  async looserSettings(signal?: AbortSignal): Promise<LooserSettings> {
    return this.#parse(LooserSettings, await this.#text('GET', apiUrl(this.address, 'settings'), signal));
  }

  /** Accepts these values; the address carries the admin token. */
  async acceptSettings(accepted: AcceptedValues, signal?: AbortSignal): Promise<LooserSettings> {
    const body = Buffer.from(JSON.stringify({ accepted }));
    return this.#parse(
      LooserSettings,
      await this.#text('PUT', apiUrl(this.address, 'settings/accepted'), signal, body),
    );
  }

  /** Makes the gateway's program end; whoever supervises it starts it again. */
  async restart(signal?: AbortSignal): Promise<void> {
    await this.#text('POST', apiUrl(this.address, 'restart'), signal);
  }

  /** The last lines of a server's log; the gateway's own under `gateway`. */
  async log(server: string, tail: number, signal?: AbortSignal): Promise<string[]> {
    const text = await this.#text('GET', this.#logUrl(server, tail), signal);
    return text.split('\n').slice(0, -1);
  }

  /** The last lines of a log and then each new one, until the signal aborts or the gateway ends. */
  async *followLog(server: string, tail: number, signal: AbortSignal): AsyncGenerator<string> {
    const url = this.#logUrl(server, tail);
    url.searchParams.set('follow', '1');
    for await (const { data } of this.#stream(url, signal)) yield data;
  }

  /** The present servers, then each change, until the signal aborts or the gateway ends. */
  async *events(signal: AbortSignal): AsyncGenerator<GatewayNews> {
    for await (const { event, data } of this.#stream(apiUrl(this.address, 'events'), signal)) {
      if (event === 'servers') yield { type: event, document: this.#parse(ServersDocument, data) };
      if (event === 'server') yield { type: event, server: this.#parse(ServerReport, data) };
      if (event === 'gateway') yield { type: event, gateway: this.#parse(GatewayReport, data) };
    }
  }

  #secretUrl(name: string): URL {
    return apiUrl(this.address, `secrets/${encodeURIComponent(name)}`);
  }

  #logUrl(server: string, tail: number): URL {
    const url = apiUrl(this.address, `logs/${encodeURIComponent(server)}`);
    url.searchParams.set('tail', String(tail));
    return url;
  }

  async #text(
    method: HttpRequest['method'],
    url: URL,
    signal?: AbortSignal,
    content?: Buffer,
  ): Promise<string> {
    const limit = deadline(signal ? [signal] : [], requestMs);
    try {
      const reply = await this.#reply(method, url, limit.signal, content);
      const body = (await bodyOf(reply, bodyLimit)).toString('utf8');
      this.#check(reply, body);
      return body;
    } catch (error) {
      if (error instanceof AppError) throw error;
      throw unreachable(this.address, limit.signal.aborted && signal?.aborted !== true ? tooSlow : error);
    } finally {
      limit.dispose();
    }
  }

  async *#stream(url: URL, signal: AbortSignal) {
    try {
      const reply = await this.#reply('GET', url, signal);
      if (reply.statusCode !== 200) this.#check(reply, (await bodyOf(reply, bodyLimit)).toString('utf8'));
      yield* serverSentEvents(chunksOf(reply));
    } catch (error) {
      if (signal.aborted) return;
      throw error instanceof AppError ? error : unreachable(this.address, error);
    }
  }

  async #reply(
    method: HttpRequest['method'],
    url: URL,
    signal: AbortSignal,
    body?: Buffer,
  ): Promise<IncomingMessage> {
    const headers = bearer(this.address.token);
    return await exchange({ url, method, headers, signal, fresh: true, ...(body ? { body } : {}) }).reply;
  }

  #check(reply: IncomingMessage, body: string): void {
    const status = reply.statusCode ?? 0;
    if (status >= 200 && status < 300) return;
    const { token } = this.address;
    if (status === 401) throw unauthorized({ ...this.address, tokens: token === undefined ? [] : [token] });
    if (status === 403) throw forbidden(this.address, body);
    const problem = problemIn(body);
    const code = codes[status] ?? 'protocol';
    throw new AppError(code, problem?.message ?? `The gateway answered with HTTP status ${status}.`, {
      next: problem?.step ?? step('Check that this is the built-in gateway.', 'status'),
    });
  }

  #parse<Schema extends v.GenericSchema>(schema: Schema, text: string): v.InferOutput<Schema> {
    try {
      return v.parse(schema, JSON.parse(text));
    } catch (error) {
      throw new AppError(
        'protocol',
        sentence(`The answer of ${this.address.url.href} is not valid: ${messageOf(error)}`),
        {
          next: step('The gateway may have another version. Create it again.', 'up'),
          cause: error,
        },
      );
    }
  }
}

/** The codes of what the gateway itself refuses. */
const codes: Partial<Record<number, ErrorCode>> = {
  400: 'invalid-value',
  404: 'not-found',
  409: 'conflict',
  413: 'invalid-value',
  507: 'storage',
};

const tooSlow = new Error(`no answer within ${requestMs / 1000} s`);
