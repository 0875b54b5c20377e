import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { eventually } from '../support/eventually';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';
import { json, ScriptedServer } from '../support/scripted-server';

describe('a REST API described as tools', () => {
  let api: ScriptedServer;
  let elsewhere: ScriptedServer;
  let gateway: TestGateway;
  let client: RawClient;
  let hanging = 0;
  const call = async (name: string, args = '{}'): Promise<string> =>
    (await client.request('tools/call', `{"name":"orders__${name}","arguments":${args}}`)).toString();

  before(async () => {
    elsewhere = await new ScriptedServer().start();
    api = await new ScriptedServer((request, response) => {
      const { pathname } = new URL(request.url, 'http://x');
      if (pathname === '/v1/orders')
        json(response, { url: request.url, auth: request.headers.authorization });
      else if (pathname === '/v1/echo')
        response.writeHead(200, { 'content-type': 'application/json' }).end(request.body);
      else if (pathname === '/v1/packed')
        response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync('{"packed":1e400}'));
      else if (pathname === '/v1/moved') response.writeHead(302, { location: '/v1/orders' }).end();
      else if (pathname === '/v1/away') response.writeHead(307, { location: `${elsewhere.origin}/` }).end();
      else if (pathname === '/v1/hangs') {
        hanging += 1;
        response.on('close', () => (hanging -= 1));
      } else json(response, { problem: 'no such thing' }, 404);
    }).start();
    const tools = [
      {
        name: 'search',
        description: 'Finds orders',
        method: 'GET',
        path: '/orders',
        params: { q: '{{args.query}}' },
      },
      { name: 'echo', method: 'POST', path: '/echo' },
      { name: 'get', path: '/orders/{id}' },
      { name: 'packed', path: '/packed' },
      { name: 'moved', path: '/moved' },
      { name: 'away', path: '/away' },
      { name: 'hangs', path: '/hangs', timeoutSeconds: 1 },
      { name: 'waits', path: '/hangs' },
      { name: 'off' },
      {
        name: 'typed',
        path: '/orders',
        params: { limit: '{{args.limit}}' },
        inputSchema: { type: 'object', properties: { limit: { type: 'integer' } } },
      },
      { name: 'sloppy', path: '/orders', inputSchema: { type: 'text' } },
    ];
    const auth = { type: 'bearer', token: '${ORDERS_TOKEN}' };
    gateway = await startTestGateway({
      servers: {
        orders: { type: 'rest', baseUrl: `${api.origin}/v1`, auth, tools, disabledTools: ['off'] },
      },
      args: ['--env', 'ORDERS_TOKEN'],
      env: { ORDERS_TOKEN: 'token-of-the-orders' },
    });
    client = await RawClient.open(gateway);
  });
  after(async () => {
    await gateway.stop();
    await Promise.all([api.stop(), elsewhere.stop()]);
  });

  it('lists them with a schema', async () => {
    const list = (await client.request('tools/list', '{}')).toString();
    assert.match(
      list,
      /"name":"orders__search","description":"Finds orders","inputSchema":\{"type":"object","properties":\{"query":\{"type":"string"\}\}/,
    );
    assert.doesNotMatch(list, /orders__off/);
  });

  it('calls them with its credentials', async () => {
    const result = await call('search', '{"query":"a b"}');
    assert.match(
      result,
      /"structuredContent":\{"url":"\/v1\/orders\?q=a\+b","auth":"Bearer token-of-the-orders"\}/,
    );
  });

  it('changes no byte of a body on its way to the API and back', async () => {
    const args = '{"n":9007199254740993, "e":1E400,"u":"\\u00e9"}';
    assert.ok((await call('echo', args)).includes(`"structuredContent":${args}`));
  });

  it('decompresses a response that an API compresses without being asked', async () => {
    assert.match(await call('packed'), /"structuredContent":\{"packed":1e400\}/);
  });

  it('does not ask the API where an argument is not as the schema says, and names it', async () => {
    const asked = api.seen.length;
    assert.match(
      await call('typed', '{"limit":"many"}'),
      /The argument \\"limit\\" must be integer.*"isError":true/,
    );
    assert.match(await call('search', '{"qurey":"a"}'), /There is no argument \\"qurey\\".*"isError":true/);
    assert.equal(api.seen.length, asked);
    assert.match(await call('typed', '{"limit":3}'), /limit=3/);
  });

  it('uses a tool whose schema is none without a check, and says so in its log', async () => {
    assert.match(await call('sloppy'), /"url":"\/v1\/orders"/);
    const log = await (await gateway.fetch('/api/logs/orders')).text();
    assert.match(log, /The input schema of \\?"sloppy\\?" cannot be used/);
  });

  it('gives errors of the API as errors of the tool, with their text', async () => {
    assert.match(await call('get', '{"id":"7"}'), /HTTP 404 Not Found.*no such thing.*"isError":true/);
    assert.match(await call('get'), /The argument \\"id\\" is missing.*"isError":true/);
  });

  it('follows a redirect within the API, and sends credentials to no other origin', async () => {
    assert.match(await call('moved'), /"url":"\/v1\/orders"/);
    assert.match(
      await call('away'),
      /redirects to http:\/\/127\.0\.0\.1:\d+\/\. This redirect is not followed.*"isError":true/,
    );
    assert.equal(elsewhere.seen.length, 0);
  });

  it('fails a call that takes too long, and closes the connection of a cancelled one', async () => {
    assert.match(await call('hangs'), /did not answer within 1 s.*"isError":true/);
    const waits = call('waits');
    await eventually(() => hanging === 1);
    const cancel = `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${client.lastId}}}`;
    await (await client.post(cancel)).text();
    await waits;
    await eventually(() => hanging === 0);
  });
});
