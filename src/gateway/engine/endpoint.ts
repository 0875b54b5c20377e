import { createHash } from 'node:crypto';
import os from 'node:os';
import path from 'node:path';
import type { Environment } from '../../platform/environment';
import * as v from 'valibot';
import { AppError, messageOf } from '../../platform/errors';
import { exists, readTextIfExists } from '../../platform/files';
import { noRuntime, type ContainerRuntime } from './runtime';
import type { EngineConnection } from './docker-runtime';
import { sentence } from '../../platform/sentence';

/** Where to look; tests replace it. */
export interface Machine {
  env: Environment;
  platform: NodeJS.Platform;
  home: string;
  /** User id, for the run-time folder of rootless engines. */
  uid: number | undefined;
}

/** This machine. */
export function thisMachine(env: Environment = process.env): Machine {
  return { env, platform: process.platform, home: env['HOME'] ?? os.homedir(), uid: process.getuid?.() };
}

/** An address as `DOCKER_HOST` and contexts write it, and where it comes from. */
interface Address {
  host: string;
  source: string;
  tls?: { folder: string; verify: boolean };
}

const ContextMeta = v.object({
  Name: v.string(),
  Endpoints: v.object({
    docker: v.object({ Host: v.string(), SkipTLSVerify: v.optional(v.boolean(), false) }),
  }),
});
const DockerConfig = v.object({ currentContext: v.optional(v.string()) });

const answerMs = 4000;

/**
 * The engine of this machine: `DOCKER_HOST`, else the docker context, else the first well-known socket that answers.
 * Where none answers it is the runtime `none`, which says what was tried. Throws for an address that cannot be used.
 */
export async function findEngine(machine: Machine = thisMachine()): Promise<ContainerRuntime> {
  const named = addressOfEnvironment(machine.env) ?? (await addressOfContext(machine));
  const candidates = named ? [named] : await wellKnown(machine);
  const problems: string[] = [];
  for (const address of candidates) {
    // What speaks to an engine takes a while to load, and is not needed where there is none.
    const { DockerRuntime } = await import('./docker-runtime');
    const runtime = new DockerRuntime(await connection(address, named !== undefined));
    const problem = await problemOf(runtime);
    if (problem === undefined) return runtime;
    problems.push(problem);
  }
  const where = problems.length === 0 ? 'no Docker or Podman socket was found' : problems.join(' ');
  return noRuntime(
    sentence(`There is no container engine here: ${where}`),
    'Start Docker or Podman and run this command again. From a dev container, run it on the host instead, in the folder of the workspace.',
  );
}

async function problemOf(runtime: ContainerRuntime): Promise<string | undefined> {
  const timeout = AbortSignal.timeout(answerMs);
  const late = new Promise<string>((resolve) => {
    timeout.addEventListener('abort', () => resolve(`No answer within ${answerMs / 1000} s.`));
  });
  return await Promise.race([
    late,
    runtime.info().then(
      () => undefined,
      (error: unknown) => messageOf(error),
    ),
  ]);
}

function addressOfEnvironment(env: Environment): Address | undefined {
  const host = env['DOCKER_HOST'];
  if (!host) return undefined;
  const verify = (env['DOCKER_TLS_VERIFY'] ?? '') !== '';
  const folder = env['DOCKER_CERT_PATH'] ?? path.join(configFolder(env), '');
  return { host, source: 'DOCKER_HOST', ...(verify ? { tls: { folder, verify } } : {}) };
}

function configFolder(env: Environment, home = env['HOME'] ?? os.homedir()): string {
  return env['DOCKER_CONFIG'] ?? path.join(home, '.docker');
}

/** The context named by `DOCKER_CONTEXT` or chosen with `docker context use`; `default` means the well-known socket. */
async function addressOfContext(machine: Machine): Promise<Address | undefined> {
  const folder = configFolder(machine.env, machine.home);
  const name = machine.env['DOCKER_CONTEXT'] ?? (await currentContext(path.join(folder, 'config.json')));
  if (!name || name === 'default') return undefined;
  // The folder of a context is named by the SHA-256 of its name.
  const id = createHash('sha256').update(name).digest('hex');
  const file = path.join(folder, 'contexts', 'meta', id, 'meta.json');
  const text = await readTextIfExists(file);
  if (text === undefined) {
    throw new AppError('not-found', `The Docker context "${name}" does not exist (${file}).`, {
      next: 'Choose another with "docker context use", or set DOCKER_HOST.',
    });
  }
  const meta = v.safeParse(v.pipe(v.string(), v.parseJson(), ContextMeta), text);
  if (!meta.success) {
    throw new AppError('invalid-file', `${file} does not describe a Docker context.`, {
      next: 'Choose another context with "docker context use", or set DOCKER_HOST.',
    });
  }
  const { Host, SkipTLSVerify } = meta.output.Endpoints.docker;
  const certificates = path.join(folder, 'contexts', 'tls', id, 'docker');
  const tls = (await exists(certificates)) ? { tls: { folder: certificates, verify: !SkipTLSVerify } } : {};
  return { host: Host, source: `Docker context "${name}"`, ...tls };
}

async function currentContext(file: string): Promise<string | undefined> {
  const text = await readTextIfExists(file);
  const config = v.safeParse(v.pipe(v.string(), v.parseJson(), DockerConfig), text ?? '{}');
  return config.success ? config.output.currentContext : undefined;
}

/** Sockets that engines make, the commonest first; only those that exist. */
async function wellKnown({ env, platform, home, uid }: Machine): Promise<Address[]> {
  if (platform === 'win32') {
    const pipes = ['docker_engine', 'dockerDesktopLinuxEngine', 'podman-machine-default'];
    return pipes.map((pipe) => ({ host: `npipe:////./pipe/${pipe}`, source: `//./pipe/${pipe}` }));
  }
  const runtimeFolder = env['XDG_RUNTIME_DIR'] ?? (uid === undefined ? undefined : `/run/user/${uid}`);
  const sockets = [
    '/var/run/docker.sock',
    path.join(home, '.docker/run/docker.sock'),
    path.join(home, '.docker/desktop/docker.sock'),
    path.join(home, '.colima/default/docker.sock'),
    path.join(home, '.orbstack/run/docker.sock'),
    path.join(home, '.rd/docker.sock'),
    ...(runtimeFolder === undefined
      ? []
      : [`${runtimeFolder}/docker.sock`, `${runtimeFolder}/podman/podman.sock`]),
    '/run/podman/podman.sock',
  ];
  const present = await Promise.all(sockets.map(async (socket) => ((await exists(socket)) ? [socket] : [])));
  return present.flat().map((socket) => ({ host: `unix://${socket}`, source: socket }));
}

/** How dockerode reaches an address. Throws `invalid-value` for one it cannot. */
async function connection({ host, source, tls }: Address, named: boolean): Promise<EngineConnection> {
  // A named address is one that the engine's own clients find too.
  const environment: Record<string, string> = named ? {} : { DOCKER_HOST: host };
  const [, scheme, rest = ''] = /^([a-z]+):\/\/(.*)$/.exec(host) ?? [];
  if (scheme === 'unix') return { options: { socketPath: rest }, source, environment };
  if (scheme === 'npipe') return { options: { socketPath: rest.replaceAll('\\', '/') }, source, environment };
  if (scheme === 'tcp' || scheme === 'http' || scheme === 'https') {
    const options = await tcpOptions(rest, scheme, tls);
    const elsewhere = isThisMachine(options.host) ? undefined : options.host;
    return { options, source, environment, elsewhere };
  }
  const ssh =
    scheme === 'ssh' ? 'an engine over SSH is not supported' : 'this is not the address of an engine';
  throw new AppError('invalid-value', `${source} is "${host}": ${ssh}.`, {
    next:
      scheme === 'ssh'
        ? 'Forward the socket (ssh -L /tmp/docker.sock:/var/run/docker.sock HOST) and set DOCKER_HOST=unix:///tmp/docker.sock.'
        : 'Use unix://, tcp:// or npipe://.',
  });
}

/** Whether a host is this machine; the unspecified address is dialled as such. */
function isThisMachine(host: string): boolean {
  return ['localhost', '0.0.0.0', '::1', '::'].includes(host) || host.startsWith('127.');
}

async function tcpOptions(rest: string, scheme: string, tls: Address['tls']) {
  const secure = tls !== undefined || scheme === 'https';
  const url = URL.canParse(`http://${rest}`) ? new URL(`http://${rest}`) : undefined;
  if (!url) {
    throw new AppError('invalid-value', `"${rest}" is not a host and port.`, {
      next: 'Write DOCKER_HOST as tcp://HOST:PORT.',
    });
  }
  const port = url.port === '' ? (secure ? 2376 : 2375) : Number(url.port);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const base = { host, port, protocol: secure ? ('https' as const) : ('http' as const) };
  if (!tls) return base;
  const read = async (name: string) => readTextIfExists(path.join(tls.folder, name));
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(read));
  const material = Object.fromEntries(
    Object.entries({ ca, cert, key }).filter(([, text]) => text !== undefined),
  );
  return tls.verify ? { ...base, ...material } : { ...base, ...material, rejectUnauthorized: false };
}
