import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Emitter } from '../platform/disposable';
import { AppError, messageOf, systemCode } from '../platform/errors';
import { writeFileAtomic } from '../platform/files';
import type { Logger } from '../platform/log';
import { version } from '../platform/version';
import { CatalogueCache } from './catalogue-cache';
import { Api, type GatewayReport } from './edge/api/api';
import { Sessions } from './client/session';
import { Guard } from './edge/guard';
import { McpEndpoint } from './edge/mcp';
import { EdgeServer } from './edge/server';
import { SsePairs } from './edge/sse-pair';
import { serveLines } from './edge/stdio';
import { Fleet } from './fleet';
import { LogBuffer } from './log-buffer';
import type { GatewayOptions } from './options';
import { Oversight } from './oversight';
import { Redactor } from './redact';
import { Listeners } from './protocol/listeners';
import { LegacyProtocol } from './protocol/legacy';
import { ModernProtocol } from './protocol/modern';
import { ParkedCalls } from './protocol/parked-calls';
import { Router } from './router';
import { ToolSearch } from './tool-search/tool-search';
import { ToolChanges } from './tool-changes/tool-changes';
import { LiveServers, type Live } from './live/live-servers';
import { Secrets } from './live/secrets';
import { loadAdminToken, loadToken, type Token } from './token';
import { KnownTokens } from './tokens/known-tokens';
import { TokenStore } from './tokens/token-store';
import { ChildProcesses } from './upstream/child-processes';
import { Eras } from './upstream/era';
import { EraCache } from './upstream/era-cache';
import { channelOpener } from './upstream/open';

/** A running gateway. */
export interface RunningGateway {
  url: string;
  token: Token;
  /** Stops the edge, then every server. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

export interface GatewayHost {
  options: GatewayOptions & { state: string };
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** Called when a client asked for a restart. */
  onRestart(): void;
}

/** Starts the gateway: it listens first, then starts its servers. Rejects when it cannot listen or has no usable token. */
export async function startGateway(host: GatewayHost): Promise<RunningGateway> {
  const { options } = host;
  const { parts, loaded, token, close } = await prepare(host);
  const port = await parts.edge.listen(options.host, options.port).catch((error: unknown) => {
    throw listenFailure(error, options);
  });
  // The servers are there before the first request can be.
  await parts.take(loaded);
  parts.live.follow();
  const address = options.host === '0.0.0.0' ? '127.0.0.1' : options.host;
  return { url: `http://${address}:${port}/mcp`, token, close };
}

/** Serves one client on standard input and output instead of listening; resolves when its input has ended. */
export async function serveStdio(
  host: GatewayHost,
  input: Readable,
  output: Writable,
): Promise<Pick<RunningGateway, 'close'>> {
  const { parts, loaded, close } = await prepare(host);
  await parts.take(loaded);
  parts.live.follow();
  await serveLines({ ...parts.protocols, scope: () => parts.fleet.all }, input, output);
  return { close };
}

async function prepare(host: GatewayHost) {
  const { options, log } = host;
  await mkdir(options.state, { recursive: true, mode: 0o700 });
  const token = await loadToken({
    fromEnvironment: host.env['MCP_GATEWAY_AUTH_TOKEN'],
    tokenFile: options.tokenFile,
    publishFile: options.publishToken,
    stateDir: options.state,
  });
  if (options.publishToken !== undefined) await publish(options.publishToken, token.value, log);
  const admin = await loadAdminToken(host.env['MCP_GATEWAY_ADMIN_TOKEN'], options.state, token.value);
  const parts = assemble(host, token, admin);
  const [loaded] = await Promise.all([
    parts.live.load(),
    parts.tokens.open(),
    parts.secretsFile.open(),
    parts.toolChanges.open(),
  ]);
  return {
    parts,
    loaded,
    token,
    close: async () => {
      parts.live.dispose();
      parts.secretsFile.dispose();
      parts.listeners.dispose();
      parts.parked.dispose();
      parts.sessions.dispose();
      parts.tokens.dispose();
      await Promise.all([parts.edge.close(), parts.fleet.stop()]);
      parts.processes.dispose();
      await parts.toolChanges.flush();
      await parts.oversight.close();
    },
  };
}

function assemble(host: GatewayHost, token: Token, admin: string) {
  const { options, env, log } = host;
  const secrets = options.env.flatMap((name) => env[name] ?? []);
  const redactor = new Redactor([token.value, admin, ...secrets]);
  const { redact } = redactor;
  const logs = new Map<string, LogBuffer>();
  const ownLog = new LogBuffer(redact);
  const note = (problem: string): void => {
    ownLog.add(`${new Date().toISOString()} ${problem}`);
    log.log('warn', redact(problem));
  };
  const logFor = (name: string): LogBuffer => {
    const buffer = new LogBuffer(redact);
    logs.set(name, buffer);
    return buffer;
  };
  const processes = new ChildProcesses();
  const secretsFile = new Secrets(path.join(options.state, 'secrets.env'), {
    seen: (value) => redactor.add(value),
    report: note,
    onChanged: (names) => fleet.restartUsing(names),
  });
  const lookup = (name: string): string | undefined =>
    secretsFile.lookup(name) ??
    (name === 'MCP_GATEWAY_STATE' ? options.state : options.env.includes(name) ? env[name] : undefined);
  const cache = new CatalogueCache(path.join(options.state, 'catalogue'), note);
  cache.prepare();
  const eras = new Eras(
    channelOpener(processes, lookup, process.cwd(), () => oversight.answerBytes()),
    new EraCache(path.join(options.state, 'eras.json'), note),
  );
  const fleet = new Fleet(eras, logFor, note, cache);
  const oversight = new Oversight({
    stateDir: options.state,
    env,
    redact,
    secret: (value) => redactor.add(value),
    note,
  });
  const changed = new Emitter<void>();
  const take = async ({ file, sources }: Live): Promise<void> => {
    changed.fire();
    oversight.configure(file);
    await fleet.apply(file, sources);
  };
  const live = new LiveServers({
    file: options.servers,
    fallback: options.fallbackServers,
    environment: env['MCP_SERVERS'],
    stateDir: options.state,
    report: note,
    onChanged: (now) => void take(now),
  });
  const toolSearch = new ToolSearch(fleet);
  const toolChanges = new ToolChanges(path.join(options.state, 'tools-seen.json'), note);
  watchTools(fleet, toolChanges);
  const sessions = new Sessions();
  oversight.observe(fleet, sessions);
  relayNotifications(fleet, sessions);
  followStates(fleet, ownLog, log);
  const startedAt = new Date().toISOString();
  const gateway = (): GatewayReport => {
    const { source: servers, problem } = live.current;
    const saved = toolSearch.savings() ?? null;
    return { kind: 'builtin', version, pid: process.pid, startedAt, servers, problem, toolSearch: saved };
  };
  const tokens = new TokenStore(path.join(options.state, 'tokens.json'), {
    seen: (value) => redactor.add(value),
    note,
  });
  const guard = new Guard(new KnownTokens(token.value, admin, tokens), [
    'mcp-gateway',
    ...options.allowedHosts,
  ]);
  const api = new Api(
    {
      fleet,
      live,
      toolChanges,
      oversight,
      tokens,
      gateway,
      onGatewayChanged: changed.event,
      log: (name) => logs.get(name) ?? (name === 'gateway' ? ownLog : undefined),
      restart: () => host.onRestart(),
    },
    guard,
  );
  const router = new Router(fleet, oversight.gate, toolSearch);
  const parked = new ParkedCalls();
  const listeners = new Listeners(fleet, router);
  const protocols = {
    legacy: new LegacyProtocol(fleet, router, sessions),
    modern: new ModernProtocol(fleet, router, parked, listeners),
    report: note,
  };
  const mcp = new McpEndpoint(protocols.legacy, protocols.modern, oversight.edgeLimits);
  const edge = new EdgeServer({
    guard,
    fleet: () => fleet,
    mcp,
    pairs: new SsePairs(protocols, oversight.edgeLimits),
    api,
    oversight,
    report: (problem, error) => note(`${problem}: ${messageOf(error)}`),
  });
  tokens.onEnded((name) => {
    sessions.endOf(name);
    edge.endOf(name);
    note(`the token "${name}" has ended`);
  });
  return {
    edge,
    protocols,
    fleet,
    sessions,
    parked,
    listeners,
    processes,
    live,
    secretsFile,
    toolChanges,
    oversight,
    tokens,
    take,
  };
}

/** What a server says of its tools is looked at whenever it has said it. */
function watchTools(fleet: Fleet, toolChanges: ToolChanges): void {
  fleet.onChanged((server) => {
    if (server.state === 'ready') toolChanges.observe(server.name, server.items.tools);
  });
}

/** What a server says by itself goes to the sessions that can see it. */
function relayNotifications(fleet: Fleet, sessions: Sessions): void {
  fleet.onListChanged(({ server, method }) => {
    for (const session of sessions.seeing(server.name)) session.tell(method, undefined);
  });
  fleet.onNotification(({ server, method, params }) => {
    for (const session of sessions.seeing(server.name))
      if (!server.isOwnFor(session)) session.tell(method, params);
  });
}

function followStates(fleet: Fleet, ownLog: LogBuffer, log: Logger): void {
  const last = new Map<string, string>();
  fleet.onChanged((server) => {
    const { state, error } = server.report();
    if (last.get(server.name) === state) return;
    last.set(server.name, state);
    const message = `server "${server.name}" is ${state}${error ? `: ${error.message}` : ''}`;
    ownLog.add(`${new Date().toISOString()} ${message}`);
    log.log(state === 'failed' ? 'warn' : 'info', message);
  });
}

async function publish(file: string, token: string, log: Logger): Promise<void> {
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFileAtomic(file, `${token}\n`, { mode: 0o644 });
  } catch (error) {
    // Clients that have the variable still work.
    log.log('warn', `the token could not be published at ${file}: ${messageOf(error)}`);
  }
}

function listenFailure(error: unknown, options: GatewayOptions): AppError {
  const where = `${options.host}:${options.port}`;
  if (systemCode(error) === 'EADDRINUSE') {
    return new AppError('conflict', `the address ${where} is taken by another program`, {
      next: 'Stop that program, or choose another port: --port N (0 takes any free one).',
      cause: error,
    });
  }
  return new AppError('invalid-value', `cannot listen on ${where}: ${messageOf(error)}`, {
    next: 'Choose another --host or --port.',
    cause: error,
  });
}
