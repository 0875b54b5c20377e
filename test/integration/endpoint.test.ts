import assert from 'node:assert/strict';
import { RemoteManager } from '../../src/gateway/remote-manager';
import { isAnswering } from '../../src/gateway/watch/state';
import { endpoint } from '../../src/kinds/endpoint/kind';
import { startEverythingHttp, type EverythingHttp } from '../support/everything-http';

describe('a remote MCP endpoint', () => {
  let everything: EverythingHttp;
  const { signal } = new AbortController();
  const manager = (): RemoteManager =>
    new RemoteManager({ url: new URL(everything.url), token: undefined, source: '--url' }, endpoint);
  before(async () => {
    everything = await startEverythingHttp();
  });
  after(async () => await everything.kill());

  it('is one healthy server with its tools, by nothing but MCP', async () => {
    const { state } = await manager().status(signal);
    assert.ok(isAnswering(state), JSON.stringify(state));
    const [server, ...others] = state.servers;
    assert.equal(others.length, 0);
    assert.match(server?.serverInfo?.name ?? '', /everything/);
    assert.ok((server?.counts.tools ?? 0) > 5);
  });

  it('refuses what MCP has no words for, and says of which kind it is', async () => {
    await assert.rejects(manager().restartServer('x', signal), { code: 'refused', message: /"http"/ });
    await assert.rejects(manager().logs(undefined, { follow: false, tail: 1, signal }).next(), {
      code: 'refused',
    });
  });

  it('is unreachable when nothing answers there any more', async () => {
    await everything.kill();
    const { state } = await manager().status(signal);
    assert.equal(state.status, 'unreachable');
  });
});
