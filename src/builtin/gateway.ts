import { mkdir } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, messageOf, systemCode } from '../platform/errors';
import { sentence } from '../platform/sentence';
import { lockState, tryLockState, type OwnerLock } from './state/owner-lock';
import { storageError } from './state/storage-error';
import { assemble, type Assembly } from './assembly/assemble';
import type { GatewayHost } from './assembly/host';
import { separateServers, type Separation } from './assembly/separation';
import { serveLines } from './edge/stdio';
import type { Scope } from './catalogue/scope';
import type { GatewayOptions } from './assembly/options';
import { loadAdminToken, loadToken, publishToken, type Token } from './tokens/token';

/** A running gateway. */
export interface RunningGateway {
  url: string;
  token: Token;
  /**
   * Stops the gateway: it takes no more calls, lets those under way end for some seconds, answers the rest, and stops every
   * MCP server. Resolves when everything has ended. When `hurry` aborts, calls get no more time.
   */
  close(hurry: AbortSignal): Promise<void>;
}

/** Starts the gateway: it listens first, then starts its servers. Rejects when it cannot listen or its token is not valid. */
export async function startGateway(host: GatewayHost): Promise<RunningGateway> {
  const { options } = host;
  const { parts, loaded, token, close } = await prepare(host, await own(host));
  const port = await parts.edge.listen(options.host, options.port).catch(async (error: unknown) => {
    await close(AbortSignal.abort());
    throw listenFailure(error, options);
  });
  // This runs before the first request can arrive, so the servers are defined by then.
  await parts.take(loaded);
  parts.live.follow();
  const address = options.host === '0.0.0.0' ? '127.0.0.1' : options.host;
  return { url: `http://${address}:${port}/mcp`, token, close };
}

/** Serves one client on standard input and output instead of listening. `ended` resolves when the input has ended. */
export async function serveStdio(
  host: GatewayHost,
  input: Readable,
  output: Writable,
): Promise<Pick<RunningGateway, 'close'> & { ended: Promise<void> }> {
  const { parts, loaded, close } = await prepare(host, await ownOrShare(host));
  await parts.take(loaded);
  parts.live.follow();
  const { legacy, modern } = parts.protocols;
  const scope = (): Scope => parts.upstreams.registry.all;
  const { bodyBytes } = parts.callControl.edgeLimits();
  const ended = serveLines({ legacy, modern, report: parts.logs.note, scope }, input, output, bodyBytes);
  return { ended, close: async (hurry) => await close(hurry, () => void input.destroy()) };
}

/** The state folder that this gateway may use. */
interface OwnedState {
  separation: Separation;
  lock: OwnerLock;
  /** The name of the audit's folder in it. */
  auditFolder: string;
}

async function own(host: GatewayHost): Promise<OwnedState> {
  const separation = await openState(host);
  return { separation, lock: await lockState(host.options.state), auditFolder: 'audit' };
}

/**
 * A gateway on standard input changes nothing in the state that another one could lose, so several may use one folder.
 * Each has an audit of its own, because only one process can rotate a file.
 */
async function ownOrShare(host: GatewayHost): Promise<OwnedState> {
  const separation = await openState(host);
  // The first name is for a gateway that listens, which must be able to start later.
  for (let n = 2; ; n += 1) {
    const suffix = `-${String(n)}`;
    const lock = await tryLockState(host.options.state, `owner${suffix}`);
    if ('release' in lock) return { separation, lock, auditFolder: `audit${suffix}` };
  }
}

/** Makes the folder, and gives it to the gateway's user, who has to own it before the gateway can lock it. */
async function openState(host: GatewayHost): Promise<Separation> {
  const { state } = host.options;
  try {
    await mkdir(state, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw storageError(state, error);
  }
  return await separationOf(host);
}

async function prepare(host: GatewayHost, state: OwnedState) {
  const { lock } = state;
  try {
    const { parts, loaded, token } = await load(host, state);
    const end: Close = async (hurry, answered) => {
      await close(parts, hurry, answered);
      await lock.release();
    };
    return { parts, loaded, token, close: end };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function load(host: GatewayHost, { separation, auditFolder }: OwnedState) {
  const { options, log } = host;
  const owner = separation.users?.workspace;
  const token = await loadToken({
    fromEnvironment: host.env['MCP_GATEWAY_AUTH_TOKEN'],
    tokenFile: options.tokenFile,
    publishFile: options.publishToken,
    stateDir: options.state,
  });
  if (options.publishToken !== undefined) await publishToken(options.publishToken, token.value, log, owner);
  const admin = await loadAdminToken(host.env['MCP_GATEWAY_ADMIN_TOKEN'], options.state, token.value);
  const parts = assemble(host, { client: token.value, admin }, separation, auditFolder);
  const [loaded] = await Promise.all([
    parts.live.load(),
    parts.tokens.open(),
    parts.upstreams.secrets.open(),
    parts.toolChanges.open(),
  ]);
  return { parts, loaded, token };
}

/** In a sidecar, the servers have other users than the gateway. A local process has one user for everything. */
async function separationOf({ options, log }: GatewayHost): Promise<Separation> {
  const { state, serverUser, workspaceServers } = options;
  if (serverUser === undefined) return { users: undefined, problems: [] };
  return await separateServers(state, serverUser, workspaceServers, log);
}

type Close = (hurry: AbortSignal, answered?: () => void) => Promise<void>;

/** `answered` is called when every call has its answer. */
async function close(parts: Assembly, hurry: AbortSignal, answered?: () => void): Promise<void> {
  const { upstreams, protocols, edge, live, tokens, toolChanges, callControl } = parts;
  live.dispose();
  upstreams.secrets.dispose();
  edge.stopAccepting();
  await callControl.drain(hurry);
  // This fails the calls that are left, so that they get their answers.
  const stopped = upstreams.registry.stop();
  await callControl.whenIdle();
  // A call that has ended is answered in this turn of the event loop.
  await nextTurn();
  answered?.();
  protocols.dispose();
  tokens.dispose();
  await Promise.all([edge.close(), stopped]);
  upstreams.processes.dispose();
  await toolChanges.flush();
  await callControl.close();
}

function listenFailure(error: unknown, options: GatewayOptions): AppError {
  const where = `${options.host}:${options.port}`;
  if (systemCode(error) === 'EADDRINUSE') {
    return new AppError('conflict', `The address ${where} is used by another program.`, {
      next: 'Stop that program, or choose another port with --port N (0 selects a free port).',
      cause: error,
    });
  }
  return new AppError(
    'invalid-value',
    sentence(`The gateway cannot listen on ${where}: ${messageOf(error)}`),
    {
      next: 'Choose another --host or --port.',
      cause: error,
    },
  );
}
