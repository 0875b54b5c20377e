import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Fleet } from '../fleet';
import type { Disposable } from '../../platform/disposable';
import type { LogBuffer } from '../log-buffer';
import type { ServersProblem } from '../servers-source';
import { entryBytes, joined } from '../router';
import type { ListKind } from '../upstream/catalogue';
import { splice } from '../wire/envelope';
import { EventStream } from './event-stream';

/** What the gateway tells about itself. */
export interface GatewayReport {
  kind: 'builtin';
  version: string;
  pid: number;
  startedAt: string;
  /** The servers file in use. */
  servers: string | null;
  /** Why that file is not what is served. */
  problem: ServersProblem | null;
}

export interface ApiContext {
  fleet: Fleet;
  gateway(): GatewayReport;
  onGatewayChanged(listener: () => void): Disposable;
  /** The log of a server, or the gateway's own under `gateway`. */
  log(name: string): LogBuffer | undefined;
  /** Ends the process in an orderly way; whoever supervises it starts it again. */
  restart(): void;
}

const listPaths: ReadonlyMap<string, ListKind> = new Map([
  ['tools', 'tools'],
  ['prompts', 'prompts'],
  ['resources', 'resources'],
  ['resource-templates', 'resourceTemplates'],
]);

const memberKeys: Readonly<Record<ListKind, string>> = {
  tools: 'tool',
  prompts: 'prompt',
  resources: 'resource',
  resourceTemplates: 'resourceTemplate',
};

/** The `/api` paths: what a panel or a command line shows, and the two restarts. */
export class Api {
  constructor(readonly context: ApiContext) {}

  /** `path` is what follows `/api/`, decoded. Returns whether it is known. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    path: readonly string[],
    query: URLSearchParams,
  ): boolean {
    const [first = '', second, third] = path;
    const get = request.method === 'GET';
    const post = request.method === 'POST';
    const listKind = listPaths.get(first);
    if (get && first === 'servers' && second === undefined) sendJson(response, 200, this.#document());
    else if (get && listKind !== undefined && second === undefined) this.#list(response, listKind);
    else if (get && first === 'logs' && second !== undefined) this.#logs(response, second, query);
    else if (get && first === 'events' && second === undefined) this.#events(response);
    else if (post && first === 'servers' && second !== undefined && third === 'restart')
      this.#restartServer(response, second);
    else if (post && first === 'restart' && second === undefined) {
      sendJson(response, 202, { gateway: this.context.gateway() });
      response.on('close', () => this.context.restart());
    } else return false;
    return true;
  }

  #document(): object {
    return {
      gateway: this.context.gateway(),
      servers: [...this.context.fleet.servers.values()].map((server) => server.report()),
    };
  }

  /** The merged list with the server's name and the entry's own name in front of each definition. */
  #list(response: ServerResponse, kind: ListKind): void {
    const exposed = this.context.fleet.entries(this.context.fleet.all, kind);
    const entries = [...exposed.values()].map((entry) => {
      const bytes = entryBytes(entry);
      const source = JSON.stringify({
        server: entry.server.name,
        [memberKeys[kind]]: entry.item.identity,
      }).slice(1, -1);
      return splice(bytes, { start: 0, end: bytes.length }, [
        { start: 1, end: 1, replacement: `${source},` },
      ]);
    });
    const body = Buffer.concat([Buffer.from(`{"${kind}":[`), ...joined(entries), Buffer.from(']}')]);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length }).end(body);
  }

  #logs(response: ServerResponse, name: string, query: URLSearchParams): void {
    const log = this.context.log(name);
    if (!log) {
      sendError(
        response,
        404,
        'not-found',
        `there is no server "${name}"`,
        'List the servers: devcontainer-mcp servers',
      );
      return;
    }
    const lines = log.tail(Number(query.get('tail') ?? 200) || 0);
    if (query.get('follow') !== '1') {
      response
        .writeHead(200, { 'content-type': 'text/plain; charset=utf-8' })
        .end(lines.map((line) => `${line}\n`).join(''));
      return;
    }
    openStream(response, (send) => {
      for (const line of lines) send(line);
      return [log.onLine((line) => send(line))];
    });
  }

  #events(response: ServerResponse): void {
    const { fleet } = this.context;
    openStream(response, (send) => {
      send(JSON.stringify(this.#document()), 'servers');
      return [
        this.context.onGatewayChanged(() => send(JSON.stringify(this.context.gateway()), 'gateway')),
        fleet.onListed(() => send(JSON.stringify(this.#document()), 'servers')),
        fleet.onChanged((server) => send(JSON.stringify(server.report()), 'server')),
        fleet.onCatalogueChanged(({ server }) => send(JSON.stringify({ server: server.name }), 'catalogue')),
      ];
    });
  }

  #restartServer(response: ServerResponse, name: string): void {
    const server = this.context.fleet.servers.get(name);
    if (!server) {
      sendError(
        response,
        404,
        'not-found',
        `there is no server "${name}"`,
        'List the servers: devcontainer-mcp servers',
      );
      return;
    }
    if (server.state === 'disabled') {
      sendError(response, 409, 'conflict', `the server "${name}" is disabled`, 'Enable it in servers.json.');
      return;
    }
    void server.restart();
    sendJson(response, 202, { server: server.report() });
  }
}

type Send = EventStream['send'];

function openStream(response: ServerResponse, subscribe: (send: Send) => Disposable[]): void {
  const stream = new EventStream(response);
  const subscriptions = subscribe(stream.send);
  stream.onClosed(() => {
    for (const subscription of subscriptions) subscription.dispose();
  });
}

export function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': body.length })
    .end(body);
}

export function sendError(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  next: string,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { error: { code, message, next } }, headers);
}
