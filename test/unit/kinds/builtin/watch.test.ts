import { builtin } from '../../../../src/kinds/builtin/kind';
import type { GatewayAddress } from '../../../../src/gateway/address';
import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkHealth } from '../../../../src/kinds/builtin/health';
import { serverSentEvents } from '../../../../src/mcp-wire/server-sent-events';
import { GatewayStore } from '../../../../src/gateway/watch/store';
import { settle, watchGateway, type Look, type Subject } from '../../../../src/gateway/watch/watch';
import { eventually, patienceMs } from '../../../support/eventually';
import { about, server } from '../../gateway/watch/samples';
import { step } from '../../../../src/platform/next-step';

/** Stands for a gateway: what it answers can be changed while it runs. */
class StandIn {
  ready = true;
  servers = [server('a', 'ready')];
  token = 'the-token-of-this-test';
  readonly streams = new Set<http.ServerResponse>();
  readonly #server = http.createServer((request, response) => this.#answer(request, response));

  async listen(): Promise<GatewayAddress> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return { url: new URL(`http://127.0.0.1:${port}/mcp`), token: this.token, source: 'a test' };
  }

  send(event: string, data: unknown): void {
    for (const stream of this.streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const json = (status: number, value: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    if (request.url === '/health') json(200, { status: 'ok' });
    else if (request.url === '/ready')
      json(this.ready ? 200 : 503, { status: this.ready ? 'ready' : 'starting' });
    else if (request.headers.authorization !== `Bearer ${this.token}`) json(401, {});
    else if (request.url === '/api/servers') json(200, { gateway: about(), servers: this.servers });
    else if (request.url === '/mcp') json(200, { jsonrpc: '2.0', id: 1, result: {} });
    else {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      this.streams.add(response);
      this.send('servers', { gateway: about(), servers: this.servers });
    }
  }
}

/** A subject whose looks are told by the test. */
class Told implements Subject {
  readonly kind = builtin;
  looks = 0;
  #ring: () => void = () => undefined;

  constructor(public answer: Look) {}

  look(): Promise<Look> {
    this.looks += 1;
    return Promise.resolve(this.answer);
  }

  ring(): void {
    this.#ring();
  }

  async *changes(signal: AbortSignal): AsyncGenerator<undefined> {
    while (!signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#ring = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      yield undefined;
    }
  }
}

describe('watching a gateway', () => {
  let gateway: StandIn;
  let address: GatewayAddress;
  let end: AbortController;

  beforeEach(async () => {
    gateway = new StandIn();
    address = await gateway.listen();
    end = new AbortController();
  });

  afterEach(async () => {
    end.abort();
    await gateway.close();
  });

  const runs = (run = '1'): Look => ({
    finding: { type: 'running', url: address.url.href, startedAt: new Date().toISOString() },
    address,
    run,
  });

  it('settles as soon as it answers', async () => {
    const state = await settle(new Told(runs()), { timeoutMs: patienceMs, signal: end.signal });
    assert.equal(state.status, 'healthy');
  });

  it('gives the state it has when time is over', async () => {
    gateway.ready = false;
    const state = await settle(new Told(runs()), { timeoutMs: 2000, signal: end.signal });
    assert.equal(state.status, 'starting');
  });

  it('tells a token that is not taken from a gateway that is not there', async () => {
    const wrong = await checkHealth({ ...address, token: 'another' }, end.signal);
    assert.equal(wrong.type, 'unfit');
    await gateway.close();
    assert.equal((await checkHealth(address, end.signal)).type, 'silent');
  });

  it('follows the changes that the gateway tells, without asking again', async () => {
    const store = new GatewayStore();
    const subject = new Told(runs());
    const watching = watchGateway(subject, store, 'g', end.signal);
    await store.until('g', ({ status }) => status === 'healthy', end.signal);
    await eventually(() => gateway.streams.size > 0);
    gateway.send('server', server('a', 'failed'));
    await store.until('g', ({ status }) => status === 'degraded', end.signal);
    assert.equal(subject.looks, 1);
    end.abort();
    await watching;
  });

  it('asks whether all is ready when the last server has settled', async () => {
    gateway.ready = false;
    gateway.servers = [server('a', 'starting')];
    const store = new GatewayStore();
    const watching = watchGateway(new Told(runs()), store, 'g', end.signal);
    await eventually(() => gateway.streams.size > 0);
    gateway.ready = true;
    gateway.servers = [server('a', 'ready')];
    gateway.send('server', server('a', 'ready'));
    await store.until('g', ({ status }) => status === 'healthy', end.signal);
    end.abort();
    await watching;
  });

  it('looks again when the engine tells of a change', async () => {
    const store = new GatewayStore();
    const subject = new Told(runs());
    const watching = watchGateway(subject, store, 'g', end.signal);
    await eventually(() => gateway.streams.size > 0);
    subject.answer = { finding: { type: 'stopped', reason: 'r', next: step('n') } };
    subject.ring();
    await store.until('g', ({ status }) => status === 'stopped', end.signal);
    subject.answer = runs('2');
    subject.ring();
    await store.until('g', ({ status }) => status === 'healthy', end.signal);
    end.abort();
    await watching;
  });

  it('comes back to a gateway whose event stream broke', async () => {
    const store = new GatewayStore();
    const watching = watchGateway(new Told(runs()), store, 'g', end.signal);
    await eventually(() => gateway.streams.size === 1);
    for (const stream of gateway.streams) stream.destroy();
    await eventually(() => gateway.streams.size === 2);
    end.abort();
    await watching;
  });
});

describe('server-sent events', () => {
  it('have a name and data of several lines; comments are skipped', async () => {
    const chunks = [': hi\n\nevent: x\nda', 'ta: 1\ndata: 2\n\ndata:3\n\n'].map((text) => Buffer.from(text));
    const events = [];
    for await (const event of serverSentEvents(
      (async function* () {
        yield* chunks;
      })(),
    ))
      events.push(event);
    assert.deepEqual(events, [
      { event: 'x', data: '1\n2' },
      { event: 'message', data: '3' },
    ]);
  });
});
