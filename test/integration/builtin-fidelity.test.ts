import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { argumentCorpus, resultCorpus } from '../support/corpus';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

describe('what passes through the gateway', () => {
  let folder: string;
  let gateway: TestGateway;
  let client: RawClient;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-fidelity-'));
    gateway = await startTestGateway({ servers: { raw: ownServer('raw', path.join(folder, 'record')) } });
    client = await RawClient.open(gateway);
  });

  after(async () => {
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('leaves more than 500 results byte for byte as the server sent them, in both protocol eras', async () => {
    const file = path.join(folder, 'result');
    const corpus = resultCorpus(500);
    for (const [i, expected] of corpus.entries()) {
      await writeFile(file, expected);
      const params = `{"name":"raw__raw","arguments":{"file":${JSON.stringify(file)}}}`;
      const legacy = await client.request('tools/call', params);
      assert.ok(
        legacy.equals(Buffer.from(`{"jsonrpc":"2.0","id":${client.lastId},"result":${expected}}`)),
        `result ${i}, legacy era`,
      );
      const modern = await client.modernRequest('tools/call', params, 'raw__raw');
      const wanted = `{"jsonrpc":"2.0","id":${client.lastId},"result":{"resultType":"complete",${expected.slice(1)}}`;
      assert.ok(modern.equals(Buffer.from(wanted)), `result ${i}, 2026-07-28`);
    }
    assert.ok(corpus.length > 500);
  });

  it('leaves more than 500 argument objects byte for byte as the client sent them', async () => {
    const corpus = argumentCorpus(500);
    for (const args of corpus)
      await client.request('tools/call', `{"name":"raw__record","arguments":${args}}`);
    const lines = (await readFile(path.join(folder, 'record'), 'utf8')).trimEnd().split('\n');
    assert.equal(lines.length, corpus.length);
    for (const [i, args] of corpus.entries()) {
      assert.ok(
        lines[i]?.endsWith(`"params":{"name":"record","arguments":${args}}}`) === true,
        `arguments ${i}`,
      );
    }
  });

  it('keeps application members of _meta and drops those of the hop', async () => {
    const meta =
      '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{},"traceparent":"00-ab", "big":9007199254740993}';
    const response = await client.post(
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"raw__record","arguments":{},${meta}}}`,
      {
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'raw__record',
      },
    );
    assert.equal(response.status, 200);
    const last = (await readFile(path.join(folder, 'record'), 'utf8')).trimEnd().split('\n').at(-1) ?? '';
    assert.ok(
      last.endsWith(
        '"params":{"name":"record","arguments":{},"_meta":{"traceparent":"00-ab","big":9007199254740993}}}',
      ),
      last,
    );
  });
});
