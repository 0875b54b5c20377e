import assert from 'node:assert/strict';
import path from 'node:path';
import { run } from '../../src/platform/run';
import { realServers, startTestGateway, type TestGateway } from '../support/gateway';

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run this suite with npm run test:clients`);
  return value;
}

describe('the command line of MCP Inspector', () => {
  let gateway: TestGateway;

  before(async () => {
    gateway = await startTestGateway({ servers: realServers });
  });
  after(async () => gateway.stop());

  async function inspect(...args: string[]): Promise<unknown> {
    const header = `Authorization: Bearer ${gateway.token}`;
    const all = [required('MCP_TEST_INSPECTOR'), '--cli', gateway.url, '--header', header, ...args];
    const result = await run(required('MCP_TEST_NODE24'), all, {
      env: { ...process.env, HOME: path.join(gateway.folder, 'home') },
    });
    assert.equal(result.code, 0, result.stderr);
    return JSON.parse(result.stdout);
  }

  it('lists the tools of every server', async () => {
    const { tools } = (await inspect('--method', 'tools/list')) as { tools: { name: string }[] };
    for (const server of Object.keys(realServers))
      assert.ok(
        tools.some(({ name }) => name.startsWith(`${server}__`)),
        server,
      );
  });

  it('calls a tool', async () => {
    const result = await inspect(
      '--method',
      'tools/call',
      '--tool-name',
      'everything__echo',
      '--tool-arg',
      'message=hello',
    );
    assert.deepEqual((result as { content: unknown }).content, [{ type: 'text', text: 'Echo: hello' }]);
  });
});
