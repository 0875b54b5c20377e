import assert from 'node:assert/strict';
import type { Transport } from '../../../../../src/builtin/upstream/transports/transport';
import { Peer } from '../../../../../src/builtin/upstream/connection/peer';
import type { PeerRequestOptions } from '../../../../../src/builtin/upstream/connection/request';
import { Canceller } from '../../../../../src/platform/cancel-signal';

interface Sent {
  id?: number;
  method?: string;
  params?: { requestId?: number };
}

describe('the peer of a server', () => {
  let sent: Sent[];
  let refusal: Error | undefined;
  let peer: Peer;

  beforeEach(() => {
    sent = [];
    refusal = undefined;
    const transport: Transport = {
      pid: null,
      url: null,
      send: (bytes) => {
        if (refusal) throw refusal;
        sent.push(JSON.parse(bytes.toString()) as Sent);
        return undefined;
      },
      negotiated: () => undefined,
      close: async () => Promise.resolve(),
    };
    peer = new Peer('s', transport, {
      notification: () => undefined,
      request: async () => Promise.resolve({ kind: 'result', body: Buffer.from('{}') }),
      unreadable: (problem) => assert.fail(problem),
    });
  });
  afterEach(() => peer.close('was stopped'));

  const caller = (name: string): NonNullable<PeerRequestOptions['caller']> => ({
    client: { name },
    notify: () => undefined,
    request: async () => Promise.resolve({ kind: 'result', body: Buffer.from('{}') }),
  });
  const call = async (options: Partial<PeerRequestOptions> = {}, method = 'tools/call'): Promise<string> => {
    const answer = await peer.request(method, () => undefined, { timeoutMs: 60_000, ...options });
    return answer.body.toString();
  };
  const answer = (id: number | string, result = '{}'): void =>
    peer.receive(Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`));
  const cancelled = (): Sent[] => sent.filter(({ method }) => method === 'notifications/cancelled');

  it('cancels a late request once, and ignores its response afterwards', async () => {
    const signal = new Canceller();
    await assert.rejects(call({ timeoutMs: 5, signal }), /did not answer "tools\/call" within 0.005 s/);
    answer(1);
    signal.abort();
    assert.deepEqual(
      cancelled().map(({ params }) => params?.requestId),
      [1],
    );
  });

  it('cancels a request that its client cancels, but not before it was sent', async () => {
    const signal = new Canceller();
    const under = call({ signal });
    signal.abort();
    await assert.rejects(under, /The client cancelled the request/);
    assert.deepEqual(
      cancelled().map(({ params }) => params?.requestId),
      [1],
    );
    await assert.rejects(call({ signal }), /The client cancelled the request/);
    assert.equal(sent.length, 2);
  });

  it('does not cancel the handshake, which the specification forbids', async () => {
    await assert.rejects(call({ timeoutMs: 5 }, 'initialize'), /did not answer/);
    assert.deepEqual(cancelled(), []);
  });

  it('keeps nothing of a request that could not be made or sent', async () => {
    const broken = peer.request(
      'tools/call',
      () => {
        throw new Error('no params');
      },
      { timeoutMs: 5, caller: caller('a') },
    );
    await assert.rejects(broken, /no params/);
    refusal = new Error('the pipe is closed');
    await assert.rejects(call({ timeoutMs: 5, caller: caller('b') }), /server "s": the pipe is closed/);
    refusal = undefined;
    assert.deepEqual(peer.callers(undefined), []);
    await assert.rejects(call({ timeoutMs: 20 }), /did not answer/);
    assert.deepEqual(
      cancelled().map(({ params }) => params?.requestId),
      [3],
    );
  });

  it('names those who wait in the order in which they called, also when places became free', async () => {
    const [a, b, c] = [caller('a'), caller('b'), caller('c')];
    const first = call({ caller: a });
    const second = call({ caller: b });
    answer(1);
    await first;
    const third = call({ caller: c });
    assert.deepEqual(peer.callers(undefined), [b, c]);
    answer(2);
    answer(3);
    await Promise.all([second, third]);
  });

  it('does not mix up responses whose ids look alike', async () => {
    const under = call();
    answer('"2"', '{"of":"nobody"}');
    answer(2, '{"of":"nobody"}');
    answer(1, '{"of":"me"}');
    assert.equal(await under, '{"of":"me"}');
  });
});
