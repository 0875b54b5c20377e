import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { run } from '../../src/platform/run';
import { startTestGateway, type TestGateway } from '../support/gateway';

const root = path.resolve(__dirname, '../..');
const Loaded = v.object({ files: v.array(v.string()), builtins: v.array(v.string()) });

describe('a start of the command line', function () {
  this.timeout(60_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'quick-start-'));
  });
  after(async () => await rm(folder, { recursive: true, force: true }));

  async function start(args: readonly string[], input = '', more: NodeJS.ProcessEnv = {}) {
    const file = path.join(folder, 'loaded.json');
    const preload = path.join(root, 'test/support/loaded-modules.cjs');
    const command = ['--require', preload, path.join(root, 'dist/cli.js'), ...args];
    const own = { LOADED_MODULES_FILE: file, XDG_CACHE_HOME: path.join(folder, 'cache') };
    const env = { ...process.env, ...own, ...more };
    const { code, stdout, stderr } = await run(process.execPath, command, { env, input, cwd: folder });
    assert.equal(code, 0, stderr);
    const { files, builtins } = v.parse(Loaded, JSON.parse(await readFile(file, 'utf8')));
    return {
      stdout,
      builtins,
      texts: await Promise.all(files.map(async (one) => await readFile(one, 'utf8'))),
    };
  }

  it('loads no part at all for its version and its help', async () => {
    for (const option of ['--version', '--help']) {
      const { texts } = await start([option]);
      assert.ok(texts.join('').length < 10_000, `${option} loads ${texts.join('').length} bytes`);
    }
  });

  it('prints the help that its parser lays out', async () => {
    const [written, laidOut] = [await start(['--help']), await start(['help'])];
    assert.equal(written.stdout, laidOut.stdout);
    assert.ok(laidOut.texts.length > written.texts.length);
  });

  it('loads no verb for the help of one', async () => {
    const { texts } = await start(['add', '--help']);
    assert.ok(!texts.some((text) => text.includes('The gateway runs.') || text.includes('is wired already')));
  });

  describe('beside a gateway', () => {
    let gateway: TestGateway;
    let address: NodeJS.ProcessEnv;
    before(async () => {
      gateway = await startTestGateway({ servers: {} });
      address = { MCP_GATEWAY_URL: gateway.url, MCP_GATEWAY_AUTH_TOKEN: gateway.token };
    });
    after(async () => await gateway.stop());

    it('loads for connect what a bridge of bytes needs, and neither TLS nor the parser of the command line', async () => {
      const ping =
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}\n';
      const { stdout, texts, builtins } = await start(['connect'], ping, address);
      assert.match(stdout, /"serverInfo"/);
      for (const name of ['tls', 'https', 'crypto', 'child_process'])
        assert.ok(!builtins.includes(name), name);
      assert.ok(!texts.some((text) => text.includes('excessArguments')));
      assert.ok(texts.join('').length < 120_000, `${texts.join('').length} bytes`);
    });

    it('lists tools without the MCP library', async () => {
      const { texts } = await start(['tools', '--json'], '', address);
      assert.ok(!texts.some((text) => text.includes('StreamableHTTPClientTransport')));
    });
  });
});
