import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startTestGateway, type TestGateway } from '../support/gateway';
import { TestProxy } from '../support/proxy';
import { RawClient } from '../support/raw-client';
import { json, ScriptedServer } from '../support/scripted-server';

const host = 'upstream.example.test';

/** Makes a CA of a company, and a certificate that it signs for the host. */
function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    'req',
    '-x509',
    ...key,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-subj',
    '/CN=Test CA',
    '-days',
    '2',
  );
  openssl(
    'req',
    ...key,
    '-keyout',
    'host.key',
    '-out',
    'host.csr',
    '-subj',
    `/CN=${host}`,
    '-addext',
    `subjectAltName=DNS:${host}`,
  );
  openssl(
    'x509',
    '-req',
    '-in',
    'host.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-out',
    'host.pem',
    '-days',
    '2',
    '-copy_extensions',
    'copy',
  );
}

function answer(body: string): object {
  const { id, method } = JSON.parse(body) as { id?: number; method: string };
  const results: Record<string, object> = {
    initialize: {
      protocolVersion: '2025-11-25',
      capabilities: { tools: {} },
      serverInfo: { name: 'far', version: '1' },
    },
    'tools/list': { tools: [{ name: 'ping', inputSchema: { type: 'object' } }] },
    'tools/call': { content: [{ type: 'text', text: 'pong' }] },
  };
  const result = results[method];
  return { jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'unknown' } }) };
}

describe('a company network', () => {
  let folder: string;
  let proxy: TestProxy;
  let secure: https.Server;
  let gateway: TestGateway | undefined;
  const plain = new ScriptedServer((request, response) => {
    if (request.method === 'POST') json(response, answer(request.body));
    else if (request.url.startsWith('/orders')) json(response, { orders: [] });
    else response.writeHead(405).end();
  });
  const start = async (servers: Record<string, unknown>, env: Record<string, string>): Promise<RawClient> => {
    // What this machine itself needs must not change what is tested.
    const clean = Object.fromEntries(
      ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
        [name, ''],
        [name.toLowerCase(), ''],
      ]),
    );
    gateway = await startTestGateway({ servers, env: { ...clean, NODE_EXTRA_CA_CERTS: '', ...env } });
    return await RawClient.open(gateway);
  };
  const call = async (client: RawClient, name: string): Promise<string> =>
    (await client.request('tools/call', `{"name":"${name}","arguments":{}}`)).toString();
  const problem = async (): Promise<string> =>
    JSON.stringify(
      ((await (await gateway?.fetch('/api/servers'))?.json()) as { servers: unknown[] }).servers,
    );

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-proxy-test-'));
    makeCertificates(folder);
    const [key, cert] = await Promise.all(
      ['host.key', 'host.pem'].map(async (name) => readFile(path.join(folder, name))),
    );
    secure = https.createServer({ key, cert }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        if (request.method === 'POST') json(response, answer(Buffer.concat(chunks).toString()));
        else response.writeHead(405).end();
      });
    });
    secure.listen(0, '127.0.0.1');
    await Promise.all([once(secure, 'listening'), plain.start()]);
  });
  beforeEach(async () => (proxy = await new TestProxy().start()));
  afterEach(async () => {
    await gateway?.stop();
    gateway = undefined;
    proxy.stop();
  });
  after(async () => {
    secure.closeAllConnections();
    secure.close();
    await plain.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const secureUrl = (): string => `https://${host}:${(secure.address() as AddressInfo).port}/mcp`;
  const plainBase = (): string => `http://${host}:${plain.url.port}`;

  it('is crossed through its proxy, with its own CA', async () => {
    const client = await start(
      { far: { type: 'http', url: secureUrl() } },
      {
        HTTPS_PROXY: `http://user:pass@127.0.0.1:${proxy.port}`,
        NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
      },
    );
    assert.match(await call(client, 'far__ping'), /pong/);
    const [first] = proxy.asked;
    assert.equal(first?.line, `CONNECT ${host}:${(secure.address() as AddressInfo).port}`);
    assert.equal(first.credentials, `Basic ${Buffer.from('user:pass').toString('base64')}`);
  });

  it('says what to do when its CA is not known', async () => {
    await start(
      { far: { type: 'http', url: secureUrl() } },
      { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` },
    );
    assert.match(await problem(), /NODE_EXTRA_CA_CERTS=FILE/);
  });

  it('is crossed without encryption too, by MCP servers and APIs', async () => {
    const client = await start(
      {
        far: { type: 'http', url: `${plainBase()}/mcp` },
        api: { type: 'rest', baseUrl: plainBase(), tools: [{ name: 'orders', path: '/orders' }] },
      },
      { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` },
    );
    assert.match(await call(client, 'far__ping'), /pong/);
    assert.match(await call(client, 'api__orders'), /"structuredContent":\{"orders":\[\]\}/);
    assert.ok(proxy.asked.some(({ line }) => line === `GET ${plainBase()}/orders`));
    assert.ok(plain.seen.every(({ headers }) => headers['proxy-authorization'] === undefined));
  });

  it('is not used for this machine, nor for hosts in NO_PROXY', async () => {
    const client = await start(
      { near: { type: 'http', url: plain.url.href }, direct: { type: 'http', url: `${plainBase()}/mcp` } },
      { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: 'example.test' },
    );
    assert.match(await call(client, 'near__ping'), /pong/);
    assert.match(await problem(), /could not be reached/);
    assert.deepEqual(proxy.asked, []);
  });
});
