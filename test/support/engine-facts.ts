import assert from 'node:assert/strict';
import * as v from 'valibot';
import { run } from '../../src/platform/run';
import { docker, lines } from './docker';

const Inspected = v.object({
  Config: v.object({
    User: v.string(),
    Labels: v.nullish(v.record(v.string(), v.string()), {}),
  }),
  HostConfig: v.object({
    ReadonlyRootfs: v.boolean(),
    Privileged: v.boolean(),
    CapDrop: v.nullable(v.array(v.string())),
    CapAdd: v.nullable(v.array(v.string())),
    SecurityOpt: v.nullable(v.array(v.string())),
    Memory: v.number(),
    PidsLimit: v.nullable(v.number()),
    Binds: v.nullable(v.array(v.string())),
    RestartPolicy: v.object({ Name: v.string() }),
  }),
  NetworkSettings: v.object({ Networks: v.record(v.string(), v.unknown()) }),
});

/** The parts of `docker inspect` that the tests look at. */
export async function inspectContainer(id: string): Promise<v.InferOutput<typeof Inspected>> {
  const [details]: unknown[] = v.parse(
    v.array(v.unknown()),
    JSON.parse(await docker('container', 'inspect', id)),
  );
  return v.parse(Inspected, details);
}

/** The host port on which the gateway's port is published. */
export async function publishedPort(id: string): Promise<number> {
  const [address] = lines(await docker('port', id, '8811/tcp'));
  const port = Number(address?.split(':').at(-1));
  assert.ok(Number.isInteger(port) && port > 0, `no published port: ${address ?? ''}`);
  return port;
}

/** The addresses on which something listens on a TCP port of this machine. */
export async function listeningAddresses(port: number): Promise<string[]> {
  const { code, stdout, stderr } = await run('ss', ['-ltnH']);
  assert.equal(code, 0, stderr);
  const local = lines(stdout).map((line) => line.split(/\s+/)[3] ?? '');
  const found = local
    .filter((address) => address.endsWith(`:${port}`))
    .map((address) => address.replace(/:\d+$/, ''));
  assert.ok(found.length > 0, `nothing listens on port ${port}`);
  return found;
}
