import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

describe('a server on standard input and output', () => {
  let folder: string;
  let gate: string;
  let gateway: TestGateway;

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mcp-gateway-stdio-server-'));
    gate = path.join(folder, 'open');
    gateway = await startTestGateway({
      servers: { one: ownServer('slow-reader', gate), two: ownServer('nasty', 'null-result') },
    });
  });
  after(async () => {
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has a progress bar in its log, a line for each step', async () => {
    await eventually(async () => (await logOf(gateway)).includes('loading 100 %'));
    assert.ok((await logOf(gateway)).includes('loading 7 %'));
  });

  it('is named in the error when its result is no object, to clients of both eras', async () => {
    const client = await RawClient.open(gateway);
    const params = '{"name":"two__ping","arguments":{}}';
    const problem = /"error":.*server \\"two\\" answered with a result that is not an object/;
    assert.match((await client.request('tools/call', params)).toString(), problem);
    assert.match((await client.modernRequest('tools/call', params, 'two__ping')).toString(), problem);
  });

  it('may leave many large messages unread for a while', async () => {
    const client = await RawClient.open(gateway);
    const params = JSON.stringify({ name: 'one__take', arguments: { text: 'x'.repeat(400_000) } });
    const calls = Array.from({ length: 20 }, async () =>
      (await client.request('tools/call', params)).toString(),
    );
    await eventually(async () => (await callsUnderWay(gateway)) >= 20);
    await writeFile(gate, '');
    for (const answer of await Promise.all(calls)) assert.match(answer, /"content":\[\]/);
    assert.doesNotMatch(gateway.stderr(), /MaxListenersExceededWarning/);
  });
});

async function logOf(gateway: TestGateway): Promise<string> {
  return await (await gateway.fetch('/api/logs/one')).text();
}

async function callsUnderWay(gateway: TestGateway): Promise<number> {
  return Number((await (await gateway.fetch('/metrics')).text()).match(/calls_under_way (\d+)/)?.[1]);
}
