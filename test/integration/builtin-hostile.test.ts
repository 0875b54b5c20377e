import assert from 'node:assert/strict';
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { ServersDocument } from '../../src/servers/api-types';
import { ownServer, startTestGateway, type TestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

const Answer = v.object({
  result: v.object({ content: v.tuple([v.object({ text: v.pipe(v.string(), v.parseJson()) })]) }),
});

/** What SECURITY.md says of a local process: it holds what the platform holds, and the gateway says what it does not. */
describe('a hostile server of a local gateway', () => {
  let gateway: TestGateway;
  const token = 'a-token-of-the-test-0123456789';
  const secret = 'the-secret-of-another-server';

  const attack = async (tool: string, args: object = {}): Promise<unknown> => {
    const client = await RawClient.open({ base: gateway.base, token });
    const bytes = await client.request(
      'tools/call',
      JSON.stringify({ name: `hostile__${tool}`, arguments: args }),
    );
    return v.parse(Answer, JSON.parse(bytes.toString())).result.content[0].text;
  };

  before(async () => {
    gateway = await startTestGateway({
      servers: {
        hostile: ownServer('hostile'),
        other: { ...ownServer('nasty'), env: { OWN: '${THE_KEY}' } },
      },
      args: ['--env', 'THE_KEY'],
      env: { MCP_GATEWAY_AUTH_TOKEN: token, MCP_GATEWAY_ADMIN_TOKEN: `admin-${token}`, THE_KEY: secret },
    });
  });

  after(async () => gateway.stop());

  it('inherits no token, no secret of another server and no variable that only the gateway may know', async () => {
    const { environment } = v.parse(
      v.object({ environment: v.record(v.string(), v.string()) }),
      await attack('who'),
    );
    assert.doesNotMatch(JSON.stringify(environment), new RegExp(`${token}|${secret}`));
  });

  it('runs beside a state that is closed to other users', async () => {
    const state = path.join(gateway.folder, 'state');
    assert.equal((await stat(state)).mode & 0o777, 0o700);
    for (const name of ['runtime.json', 'secrets.env', 'tools-seen.json']) {
      const mode = await stat(path.join(state, name)).then(
        (found) => found.mode & 0o777,
        () => 0o600,
      );
      assert.equal(mode, 0o600, name);
    }
  });

  it('is the user of the gateway, so it finds what the gateway keeps and was started with, and the gateway reports this', async () => {
    const state = path.join(gateway.folder, 'state');
    await writeFile(path.join(state, 'secrets.env'), `KEPT=${secret}\n`, { mode: 0o600 });
    const pids = [gateway.process.pid];
    const found = await attack('search', { needles: [secret], folders: [state], pids });
    assert.match(JSON.stringify(found), /secrets\.env/);
    assert.match(JSON.stringify(found), /\/environ/);
    const { gateway: own, problems } = v.parse(
      ServersDocument,
      await (await gateway.fetch('/api/servers')).json(),
    );
    assert.equal(own.serverUsers, 'shared');
    assert.deepEqual(problems, []);
  });

  it('does not learn the admin token from the client API, which refuses its changes', async () => {
    const port = Number(new URL(gateway.base).port);
    const answer = await attack('request', { path: '/api/secrets', token, port });
    assert.match(String(answer), /^HTTP\/1\.1 403 /);
  });
});
