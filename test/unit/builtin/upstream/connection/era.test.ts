import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Transport } from '../../../../../src/builtin/upstream/transports/transport';
import { ChildProcesses } from '../../../../../src/builtin/upstream/transports/child-processes';
import { Eras } from '../../../../../src/builtin/upstream/connection/era';
import { EraCache } from '../../../../../src/builtin/upstream/connection/era-cache';
import { transportOpener } from '../../../../../src/builtin/upstream/transports/open';
import { parseServersFile } from '../../../../../src/servers/parse';
import type { ServerDefinition } from '../../../../../src/servers/schema';
import { eventually } from '../../../../support/eventually';
import { ownServer, realServers } from '../../../../support/gateway';
import { eventStream, json, ScriptedServer, type Script } from '../../../../support/scripted-server';

const signal = new AbortController().signal;

describe('the era of a server', () => {
  let folder: string;
  let file: string;
  const problems: string[] = [];
  const processes = new ChildProcesses();
  const transports: Transport[] = [];

  const define = (entry: object): ServerDefinition => {
    const definition = parseServersFile(JSON.stringify({ servers: { one: entry } }), 'f').servers.get('one');
    assert.ok(definition);
    return definition;
  };
  const cacheOf = (now?: () => number): EraCache =>
    new EraCache(file, (problem) => void problems.push(problem), now);
  const start = (definition: ServerDefinition, cache = cacheOf()) => {
    const messages: string[] = [];
    const closed: string[] = [];
    const log: string[] = [];
    const eras = new Eras(
      transportOpener(processes, () => undefined, process.cwd()),
      cache,
    );
    const transport = eras.open(definition, {
      message: (bytes) => void messages.push(bytes.toString()),
      closed: (reason) => void closed.push(reason),
      log: (line) => void log.push(line),
    });
    transports.push(transport);
    return { transport, messages, closed, log, ask: async () => eras.detect(definition, signal) };
  };
  const initialize = async ({ transport, messages }: ReturnType<typeof start>): Promise<void> => {
    await transport.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"initialize"}'), {
      id: 1,
      method: 'initialize',
    });
    await eventually(() => messages.some((message) => message.includes('"id":1,')));
    transport.negotiated('2025-11-25');
  };
  const starts = (log: string[]): number => log.filter((line) => line === 'started').length;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-era-test-'));
    file = path.join(folder, 'eras.json');
    problems.length = 0;
  });
  afterEach(async () => {
    await Promise.all(transports.splice(0).map(async (transport) => transport.close()));
    await rm(folder, { recursive: true, force: true });
  });
  after(() => processes.dispose());

  it('is probed on the process that then serves, when it answers or refuses the probe', async () => {
    for (const [manner, era] of [
      ['modern', 'modern'],
      ['refuses', 'legacy'],
    ] as const) {
      const one = start(define(ownServer('eras', manner)));
      assert.equal(await one.ask(), era);
      await initialize(one);
      assert.deepEqual([starts(one.log), one.closed, one.messages.length], [1, [], 1]);
    }
  });

  it('is legacy for a reference server of that era', async () => {
    const one = start(define(realServers.filesystem));
    assert.equal(await one.ask(), 'legacy');
    assert.deepEqual(one.closed, []);
  });

  it('is legacy when the probe makes the process exit, and the owner sees the restarted process', async () => {
    const one = start(define(ownServer('eras', 'dies')));
    assert.equal(await one.ask(), 'legacy');
    await initialize(one);
    assert.deepEqual([starts(one.log), one.closed], [2, []]);
    const again = start(define(ownServer('eras', 'dies')));
    await eventually(async () => (await readFile(file, 'utf8')).includes('silent'));
    assert.equal(await again.ask(), 'legacy');
    await initialize(again);
    assert.equal(starts(again.log), 1);
  });

  it('is legacy for a process that is silent, and that counts only once it has opened a session', async () => {
    const one = start(define(ownServer('eras', 'silent')));
    assert.equal(await one.ask(), 'legacy');
    await assert.rejects(readFile(file), { code: 'ENOENT' });
    await initialize(one);
    await eventually(async () => (await readFile(file, 'utf8')).includes('silent'));
    assert.equal(starts(one.log), 1);
  });

  describe('of a process that is slow to start', () => {
    const slow = (manner: string) => {
      const gate = path.join(folder, 'gate');
      return { one: start(define(ownServer('eras', manner, gate))), open: async () => writeFile(gate, '') };
    };

    it('is the era of a late response, even when the server was treated as legacy and refused', async () => {
      const { one, open } = slow('only-modern');
      assert.equal(await one.ask(), 'legacy');
      const initialize = '{"jsonrpc":"2.0","id":1,"method":"initialize"}';
      await one.transport.send(Buffer.from(initialize), { id: 1, method: 'initialize' });
      await open();
      await eventually(() => one.messages.some((message) => message.includes('-32022')));
      assert.equal(await one.ask(), 'modern');
      one.transport.negotiated('2026-07-28');
      await eventually(async () => (await readFile(file, 'utf8')).includes('modern'));
      assert.deepEqual([starts(one.log), one.closed, one.messages.length], [1, [], 1]);
    });

    it('is legacy when the process exits after the time limit, and the next process gets the pending request', async () => {
      const { one, open } = slow('dies');
      assert.equal(await one.ask(), 'legacy');
      const initialized = initialize(one);
      await open();
      await initialized;
      assert.deepEqual([starts(one.log), one.closed], [2, []]);
      await eventually(async () => (await readFile(file, 'utf8')).includes('silent'));
    });

    it('stays the first verdict without a late response, and the owner does not wait for it', async () => {
      const { one, open } = slow('silent');
      assert.equal(await one.ask(), 'legacy');
      await open();
      await initialize(one);
      assert.equal(await one.ask(), 'legacy');
      assert.equal(starts(one.log), 1);
    });
  });

  it('is unknown for a command that can not be started', async () => {
    const one = start(define({ command: 'no-such-command-anywhere' }));
    await assert.rejects(one.ask(), /was not found/);
    assert.equal(one.closed.length, 1);
  });

  describe('over HTTP', () => {
    let server: ScriptedServer;
    const askOf = async (script: Script): Promise<string> => {
      server.script = script;
      return await start(
        define({ type: 'http', url: server.url.href }),
        new EraCache('/dev/null/none', () => undefined),
      ).ask();
    };
    const discovered = (supportedVersions: string[]) => ({
      jsonrpc: '2.0',
      id: 0,
      result: { supportedVersions, capabilities: {} },
    });

    beforeEach(async () => (server = await new ScriptedServer().start()));
    afterEach(async () => server.stop());

    it('is modern when the server supports that version, as JSON or as an event', async () => {
      const both = discovered(['2025-11-25', '2026-07-28']);
      assert.equal(await askOf((_seen, response) => json(response, both)), 'modern');
      assert.equal(
        await askOf((_seen, response) => void eventStream(response).end(`data: ${JSON.stringify(both)}\n\n`)),
        'modern',
      );
      const [seen] = server.seen;
      assert.equal(seen?.headers['mcp-method'], 'server/discover');
      assert.equal(seen.headers['mcp-protocol-version'], '2026-07-28');
      assert.match(seen.body, /"_meta":\{"io\.modelcontextprotocol\/protocolVersion":"2026-07-28"/);
    });

    it('is legacy when the server supports only other versions, does not know the method, or requires a session', async () => {
      const error = { jsonrpc: '2.0', id: null, error: { code: -32000, message: 'Bad Request: no session' } };
      assert.equal(await askOf((_seen, response) => json(response, discovered(['2025-11-25']))), 'legacy');
      assert.equal(await askOf((_seen, response) => json(response, error, 400)), 'legacy');
      for (const status of [400, 404, 405, 406])
        assert.equal(await askOf((_seen, response) => void response.writeHead(status).end()), 'legacy');
    });

    it('is unknown when credentials are refused, the server fails, or cannot be reached', async () => {
      for (const status of [401, 403, 429, 500, 503])
        await assert.rejects(
          askOf((_seen, response) => void response.writeHead(status).end()),
          new RegExp(`HTTP ${status}`),
        );
      await assert.rejects(
        askOf((_seen, response) => void response.destroy()),
        /could not be reached/,
      );
    });

    it('is legacy for now when the server accepts the probe without a response', async () => {
      const cache = cacheOf();
      const definition = define({ type: 'http', url: server.url.href });
      server.script = (_seen, response) => void response.writeHead(202).end();
      const one = start(definition, cache);
      assert.equal(await one.ask(), 'legacy');
      one.transport.negotiated('2025-11-25');
      assert.equal(await cache.get(definition), undefined);
    });
  });

  it('is asked again when what was remembered has led to nothing', async () => {
    const definition = define(ownServer('eras', 'refuses'));
    const cache = cacheOf();
    await cache.set(definition, { era: 'modern', basis: 'answered' });
    const eras = new Eras(
      transportOpener(processes, () => undefined, process.cwd()),
      cache,
    );
    const open = (): Transport => {
      const events = { message: () => undefined, closed: () => undefined, log: () => undefined };
      const transport = eras.open(definition, events);
      transports.push(transport);
      return transport;
    };
    open();
    assert.equal(await eras.detect(definition, signal), 'modern');
    open();
    assert.equal(await eras.detect(definition, signal), 'legacy');
    assert.equal((await cache.get(definition))?.era, 'legacy');
  });

  it('is remembered on disk for a week, and the file may be broken', async () => {
    const day = 24 * 60 * 60 * 1000;
    const definition = define(ownServer('eras', 'modern'));
    await cacheOf().set(definition, { era: 'modern', basis: 'answered' });
    assert.equal((await cacheOf().get(definition))?.era, 'modern');
    assert.equal((await cacheOf(() => Date.now() + 6.9 * day).get(definition))?.era, 'modern');
    assert.equal(await cacheOf(() => Date.now() + 7.1 * day).get(definition), undefined);
    assert.equal(await cacheOf().get(define(ownServer('eras', 'dies'))), undefined);
    await writeFile(file, '{"broken');
    const cache = cacheOf();
    assert.equal(await cache.get(definition), undefined);
    assert.match(problems.join(), /could not be read/);
    await cache.set(definition, { era: 'legacy', basis: 'silent' });
    assert.equal((await cacheOf().get(definition))?.era, 'legacy');
    assert.equal(await cacheOf(() => Date.now() + 1.1 * day).get(definition), undefined);
  });
});
