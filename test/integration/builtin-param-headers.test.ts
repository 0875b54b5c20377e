import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

describe('a server of 2026-07-28 that wants an argument repeated in a header', () => {
  let server: ChildProcess;
  let gateway: TestGateway;

  before(async () => {
    const { command, args } = ownServer('region');
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    server = child;
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const { url } = JSON.parse(line) as { url: string };
    gateway = await startTestGateway({ servers: { one: { type: 'http', url } } });
  });
  after(async () => {
    await gateway.stop();
    server.kill('SIGKILL');
  });

  it('gets it, for any value of the argument', async () => {
    const client = await RawClient.open(gateway);
    for (const region of ['eu-west1', 'Köln', ' a ', ''])
      assert.match(
        (
          await client.request('tools/call', JSON.stringify({ name: 'one__where', arguments: { region } }))
        ).toString(),
        new RegExp(`"text":"in ${region}"`),
      );
    assert.match(
      (await client.request('tools/call', '{"name":"one__where","arguments":{}}')).toString(),
      /in undefined/,
    );
  });
});
