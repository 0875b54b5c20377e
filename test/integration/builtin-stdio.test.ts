import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { initialize, initialized } from '../support/bridge';
import { eventually } from '../support/eventually';
import { ownServer, program, root } from '../support/gateway';

describe('the gateway on standard input and output, byte for byte', () => {
  let folder: string;
  let gateway: ChildProcessWithoutNullStreams;
  let text: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-gateway-stdio-'));
    const file = path.join(folder, 'servers.json');
    await writeFile(file, JSON.stringify({ servers: { one: ownServer('nasty') } }));
    const args = [program, '--stdio', '--servers', file, '--state', path.join(folder, 'state')];
    gateway = spawn(process.execPath, args, { cwd: root, stdio: 'pipe' });
    text = '';
    gateway.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    gateway.stderr.resume();
    gateway.stdin.write(`${initialize}\n${initialized}\n`);
    await eventually(() => text.includes('"id":"init"'));
  });
  afterEach(async () => {
    gateway.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('does not answer a request that its client has cancelled', async () => {
    const never =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"one__never","arguments":{}}}';
    const cancel = '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}';
    const call = (id: number): string => never.replace('"id":1', `"id":${id}`).replace('__never', '__ping');
    gateway.stdin.write(`${never}\n${call(2)}\n`);
    await eventually(() => text.includes('"id":2'));
    gateway.stdin.write(`${cancel}\n${call(3)}\n`);
    // The server has been told by then.
    await eventually(() => text.includes('cancelled: 1'));
    assert.doesNotMatch(text, /"id":1[,}]/);
  });

  it('ends on SIGTERM while its input is open', async () => {
    const exit = once(gateway, 'exit');
    gateway.kill('SIGTERM');
    assert.deepEqual(await exit, [0, null]);
  });
});
