import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { findEngine, type Machine } from '../../../../src/gateway/engine/endpoint';
import { parseDetails, parseSummaries } from '../../../../src/gateway/engine/records';
import { firstFileOfTar, linesOf, logLines } from '../../../../src/gateway/engine/streams';
import { AppError } from '../../../../src/platform/errors';
import { skipBecause } from '../../../support/skip';

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

function frame(stream: number, text: string | Buffer): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header.writeUInt8(stream, 0);
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

describe('the streams of an engine', () => {
  it('become lines, wherever the chunks are cut', async () => {
    assert.deepEqual(await all(linesOf(Readable.from(['a\nb', 'c\r\n', 'd']))), ['a', 'bc', 'd']);
  });

  it('keep the two output streams of a log apart, and characters whole', async () => {
    const umlaut = Buffer.from('ä');
    const bytes = Buffer.concat([
      frame(1, Buffer.concat([Buffer.from('one '), umlaut.subarray(0, 1)])),
      frame(2, 'error\n'),
      frame(1, Buffer.concat([umlaut.subarray(1), Buffer.from('\nlast')])),
    ]);
    const cut = [bytes.subarray(0, 5), bytes.subarray(5, 20), bytes.subarray(20)];
    assert.deepEqual(await all(logLines(Readable.from(cut))), ['error', 'one ä', 'last']);
  });

  it('give the first file of an archive', () => {
    const header = Buffer.alloc(512);
    header.write('token', 0);
    header.write('00000000005\0', 124);
    header.write('0', 156);
    const archive = Buffer.concat([header, Buffer.from('hello'), Buffer.alloc(507 + 1024)]);
    assert.equal(firstFileOfTar(archive)?.toString(), 'hello');
    assert.equal(firstFileOfTar(Buffer.alloc(1024)), undefined);
  });
});

describe('the records of an engine', () => {
  const inspected = {
    Id: 'abc',
    Name: '/p-mcp-gateway-1',
    Image: 'sha256:1',
    RestartCount: 2,
    State: {
      Status: 'running',
      ExitCode: 0,
      StartedAt: '2026-01-01T00:00:00Z',
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    Config: { Image: 'p', Labels: null },
    NetworkSettings: {
      Ports: { '8811/tcp': [{ HostIp: '127.0.0.1', HostPort: '4321' }], '1/udp': null },
      Networks: { p_default: {} },
    },
    Mounts: [{ Type: 'volume', Name: 'v', Source: '/var/lib/v', Destination: '/x' }],
  };

  it('tell ports, networks, mounts and times, and "never" as nothing', () => {
    const record = parseDetails(inspected);
    assert.deepEqual(record.ports, [{ containerPort: 8811, hostIp: '127.0.0.1', hostPort: 4321 }]);
    assert.deepEqual(record.networks, ['p_default']);
    assert.deepEqual(record.mounts, [{ type: 'volume', source: 'v', target: '/x' }]);
    assert.equal(record.finishedAt, undefined);
    assert.equal(record.name, 'p-mcp-gateway-1');
    assert.deepEqual(record.labels, {});
  });

  it('are refused with the place that is not understood', () => {
    assert.throws(
      () => parseSummaries([{ Id: 1 }]),
      (error) => error instanceof AppError && error.code === 'engine' && error.message.includes('0.Id'),
    );
  });
});

describe('the engine of a machine', () => {
  let folder: string;
  let machine: Machine;
  let engine: http.Server;
  let socket: string;

  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'engine-'));
    machine = { env: { XDG_RUNTIME_DIR: folder }, platform: 'linux', home: folder, uid: undefined };
    socket = path.join(folder, 'engine.sock');
    engine = http.createServer((_request, response) => {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end('{"Version":"5.0","ApiVersion":"1.41","Components":[{"Name":"Podman Engine"}]}');
    });
    await new Promise<void>((resolve) => engine.listen(socket, resolve));
  });

  afterEach(async () => {
    await new Promise((resolve) => engine.close(resolve));
    engine.closeAllConnections();
    await rm(folder, { recursive: true });
  });

  it('is the one that DOCKER_HOST names', async () => {
    const runtime = await findEngine({ ...machine, env: { DOCKER_HOST: `unix://${socket}` } });
    const info = await runtime.info();
    assert.deepEqual(info, { product: 'podman', version: '5.0', apiVersion: '1.41', source: 'DOCKER_HOST' });
    assert.deepEqual(runtime.environment, {});
  });

  it('is on another machine when it is reached by an address that is not this one', async function () {
    const own = Object.values(os.networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .find(({ family, internal }) => family === 'IPv4' && !internal);
    if (!own) skipBecause(this, 'this machine has no address but loopback');
    await new Promise((resolve) => engine.close(resolve));
    await new Promise<void>((resolve) => engine.listen(0, resolve));
    const { port } = engine.address() as AddressInfo;
    const elsewhere = async (host: string): Promise<string | undefined> =>
      (await findEngine({ ...machine, env: { DOCKER_HOST: `tcp://${host}:${port}` } })).elsewhere;
    assert.equal(await elsewhere(own.address), own.address);
    assert.equal(await elsewhere('127.0.0.1'), undefined);
    assert.equal(await elsewhere('localhost'), undefined);
  });

  it('is the one of the docker context in use', async () => {
    const id = createHash('sha256').update('mine').digest('hex');
    const meta = path.join(folder, '.docker', 'contexts', 'meta', id);
    await mkdir(meta, { recursive: true });
    await writeFile(path.join(folder, '.docker', 'config.json'), '{"currentContext":"mine"}');
    const described = { Name: 'mine', Endpoints: { docker: { Host: `unix://${socket}` } } };
    await writeFile(path.join(meta, 'meta.json'), JSON.stringify(described));
    assert.equal((await (await findEngine(machine)).info()).source, 'Docker context "mine"');
  });

  it('is none, with a reason and a place to go, where the named one does not answer', async () => {
    const runtime = await findEngine({ ...machine, env: { DOCKER_HOST: `unix://${folder}/nothing` } });
    assert.equal(runtime.kind, 'none');
    await assert.rejects(runtime.listContainers([]), (error) => {
      assert.ok(error instanceof AppError);
      assert.equal(error.code, 'no-engine');
      assert.match(error.next?.text ?? '', /on the host/);
      return true;
    });
  });

  it('is not looked for at an address that cannot be used', async () => {
    const find = async (host: string) => findEngine({ ...machine, env: { DOCKER_HOST: host } });
    await assert.rejects(find('ssh://host'), /SSH is not supported/);
    await assert.rejects(find('nonsense'), /not the address of an engine/);
    await assert.rejects(
      findEngine({ ...machine, env: { DOCKER_CONTEXT: 'gone' } }),
      /"gone" does not exist/,
    );
  });
});
