import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { askMissing } from '../../../src/commands/secrets';
import { GatewayApi } from '../../../src/kinds/builtin/api';

const server = 'wants-secrets';

describe('the question for secrets', () => {
  let api: GatewayApi;
  let headers: Record<string, string>;
  const url = new URL(process.env['MCP_GATEWAY_URL'] ?? '');

  before(async () => {
    const file = path.join(process.env['MCP_TEST_GATEWAY_STATE'] ?? '', 'admin-token');
    const token = (await readFile(file, 'utf8')).trim();
    api = new GatewayApi({ url, token, source: 'the test' });
    headers = { authorization: `Bearer ${token}` };
    const env = { TYPED: '${TYPED}', LEFT_OUT: '${LEFT_OUT}' };
    const body = JSON.stringify({ name: server, definition: { command: 'no-such-program', env } });
    const added = await fetch(new URL('api/servers', url), { method: 'POST', headers, body });
    assert.equal(added.status, 201);
  });

  after(async () => {
    await api.removeSecret('TYPED');
    await fetch(new URL(`api/servers/${server}`, url), { method: 'DELETE', headers });
  });

  it('is asked unseen for each one, says who needs it, and leaves out what is not typed', async () => {
    const asked: vscode.InputBoxOptions[] = [];
    const answer = async (options: vscode.InputBoxOptions): Promise<string | undefined> => {
      asked.push(options);
      return await Promise.resolve(options.prompt?.includes('TYPED') === true ? 'typed value' : undefined);
    };
    const left = await withInputBox(answer, async () => await askMissing(api));
    assert.deepEqual(left, ['LEFT_OUT']);
    assert.deepEqual(
      asked.map(({ password, prompt }) => [password, prompt?.includes(server)]),
      [
        [true, true],
        [true, true],
      ],
    );
    const { secrets, missing } = await api.secrets();
    assert.deepEqual([secrets, missing], [['TYPED'], [{ name: 'LEFT_OUT', servers: [server] }]]);
  });
});

/** Answers the editor's input box in the person's place while `work` runs. */
async function withInputBox<T>(
  answer: (options: vscode.InputBoxOptions) => Promise<string | undefined>,
  work: () => Promise<T>,
): Promise<T> {
  const original = vscode.window.showInputBox;
  const replace = (value: unknown): object =>
    Object.defineProperty(vscode.window, 'showInputBox', { value, configurable: true, writable: true });
  replace(answer);
  try {
    return await work();
  } finally {
    replace(original);
  }
}
