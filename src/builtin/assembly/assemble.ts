import path from 'node:path';
import { Emitter } from '../../platform/disposable';
import { version } from '../../platform/version';
import { Api } from '../edge/api/api';
import type { OwnReport } from '../edge/api/context';
import { BodyBudget } from '../edge/body-budget';
import { Guard } from '../edge/guard';
import { localPeerProblem } from '../edge/local-peer';
import { McpEndpoint } from '../edge/mcp';
import { EdgeServer } from '../edge/server';
import { HttpSseEndpoint } from '../edge/http-sse';
import type { GatewayHost } from './host';
import { LiveServers, type LiveConfig } from '../config/live-servers';
import { CallControl } from '../call-control/call-control';
import { ToolChanges } from '../catalogue/tool-changes/tool-changes';
import { ToolSearch } from '../catalogue/tool-search/tool-search';
import { AllTokens } from '../tokens/all-tokens';
import { TokenStore } from '../tokens/token-store';
import { Logs } from '../logs/logs';
import { StateProblems } from '../state/state-problems';
import { makeProtocols, type Protocols } from './protocols';
import { makeUpstreams, type Upstreams } from './upstreams';
import type { Separation } from './separation';

/** The tokens that the gateway is started with. */
export interface OwnTokens {
  client: string;
  admin: string;
}

/** All parts of a gateway, before any of them starts. */
export interface Assembly {
  logs: Logs;
  upstreams: Upstreams;
  protocols: Protocols;
  edge: EdgeServer;
  live: LiveServers;
  tokens: TokenStore;
  toolChanges: ToolChanges;
  callControl: CallControl;
  stateProblems: StateProblems;
  /** Applies a configuration: the gateway serves it from now on. */
  take(live: LiveConfig): Promise<void>;
}

/** `auditFolder`: the name of the audit's folder in the state folder. */
export function assemble(
  host: GatewayHost,
  own: OwnTokens,
  separation: Separation,
  auditFolder: string,
): Assembly {
  const { options, env } = host;
  const inState = (name: string): string => path.join(options.state, name);
  const passed = options.env.flatMap((name) => env[name] ?? []);
  const logs = new Logs([own.client, own.admin, ...passed], host.log);
  const seen = (value: string): void => logs.redactor.add(value);
  const stateProblems = new StateProblems(logs.note);
  const callControl = new CallControl({
    auditDir: inState(auditFolder),
    env,
    redaction: logs.redactor,
    secret: seen,
    note: logs.note,
    stateProblems,
  });
  const upstreams = makeUpstreams(
    host,
    logs,
    stateProblems,
    () => callControl.answerBytes(),
    separation.users,
  );
  const { registry } = upstreams;
  logs.follow(registry);
  const search = new ToolSearch(registry);
  const protocols = makeProtocols(registry, callControl, search);
  const changed = new Emitter<void>();
  const take = async ({ file, sources }: LiveConfig): Promise<void> => {
    changed.fire();
    callControl.configure(file);
    await registry.apply(file, sources);
  };
  const live = new LiveServers({
    file: options.servers,
    fallback: options.fallbackServers,
    environment: env['MCP_SERVERS'],
    stateDir: options.state,
    known: separation.problems,
    stateProblems,
    report: logs.note,
    onChanged: (now) => void take(now),
  });
  const toolChanges = new ToolChanges(inState('tools-seen.json'), {
    report: logs.note,
    problems: stateProblems,
  });
  registry.onChanged((server) => {
    if (server.state === 'ready') toolChanges.observe(server.name, server.items.tools);
  });
  const tokens = new TokenStore(inState('tokens.json'), {
    seen,
    note: logs.note,
    problems: stateProblems,
  });
  const parts = {
    logs,
    upstreams,
    protocols,
    live,
    tokens,
    toolChanges,
    callControl,
    stateProblems,
    take,
  };
  const report = reporter(live, search, separation.users ? 'own' : 'shared');
  return { ...parts, edge: makeEdge(host, own, parts, { report, onChanged: changed.event }) };
}

function reporter(live: LiveServers, search: ToolSearch, serverUsers: 'own' | 'shared'): () => OwnReport {
  const startedAt = new Date().toISOString();
  return () => {
    const { source: servers, problem } = live.current;
    const toolSearch = search.savings() ?? null;
    const own = { kind: 'builtin', version, pid: process.pid, startedAt, serverUsers } as const;
    return { ...own, servers, problem, toolSearch };
  };
}

function makeEdge(
  host: GatewayHost,
  own: OwnTokens,
  parts: Omit<Assembly, 'edge'>,
  gateway: { report(): OwnReport; onChanged: Emitter<void>['event'] },
): EdgeServer {
  const { logs, upstreams, protocols, live, tokens, toolChanges, callControl, stateProblems } = parts;
  const { registry, secrets, lookup } = upstreams;
  const { legacy, modern, sessions } = protocols;
  const guard = new Guard(new AllTokens(own.client, own.admin, tokens), [
    'mcp-gateway',
    ...host.options.allowedHosts,
  ]);
  const api = new Api(
    {
      registry,
      live,
      stateProblems,
      toolChanges,
      callControl,
      tokens,
      secrets,
      variable: lookup,
      gateway: () => gateway.report(),
      onGatewayChanged: gateway.onChanged,
      log: logs.find,
      peerProblem: host.options.serverUser && localPeerProblem,
      restart: () => host.onRestart(),
    },
    guard,
  );
  const bodies = new BodyBudget(() => callControl.budgets().bodyBytes);
  callControl.observeBodies(bodies);
  const edge = new EdgeServer({
    guard,
    registry: () => registry,
    mcp: new McpEndpoint(legacy, modern, callControl.edgeLimits, bodies),
    httpSse: new HttpSseEndpoint({ legacy, modern, report: logs.note }, callControl.edgeLimits, bodies),
    api,
    callControl,
    report: logs.fault,
  });
  tokens.onEnded((name) => {
    sessions.endOf(name);
    edge.endOf(name);
    logs.note(`The token "${name}" was revoked, has expired or got other rules. Its sessions were closed.`);
  });
  return edge;
}
