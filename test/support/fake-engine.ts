import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';

type Labels = Record<string, string>;

export interface FakeContainer {
  name: string;
  labels: Labels;
  status?: string;
  startedAt?: string;
  /** The host port of the gateway's own. */
  port?: number;
  volumes?: string[];
}

export interface FakeResource {
  name: string;
  labels: Labels;
}

const Filters = v.object({ label: v.optional(v.array(v.string()), []) });

/**
 * Stands for an engine where the real one cannot be brought into the state that a test needs: it holds what the test puts
 * in, and remembers what is asked of it.
 */
export class FakeEngine {
  containers: FakeContainer[] = [];
  readonly resources: Record<'volumes' | 'images' | 'networks', FakeResource[]> = {
    volumes: [],
    images: [],
    networks: [],
  };
  /** What changed something: `DELETE /volumes/x`. */
  readonly changes: string[] = [];
  /** Requests that it never answers, and how many of them came. */
  silent: (path: string) => boolean = () => false;
  unanswered = 0;
  #folder = '';
  readonly #server = http.createServer((request, response) => this.#answer(request, response));

  static async start(): Promise<FakeEngine> {
    const engine = new FakeEngine();
    engine.#folder = await mkdtemp(path.join(os.tmpdir(), 'fake-engine-'));
    await new Promise<void>((resolve) => engine.#server.listen(engine.#socket, resolve));
    return engine;
  }

  /** The variable by which it is found. */
  get env(): { DOCKER_HOST: string } {
    return { DOCKER_HOST: `unix://${this.#socket}` };
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #socket(): string {
    return path.join(this.#folder, 'engine.sock');
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url ?? '', 'http://engine');
    const place = decodeURIComponent(url.pathname);
    if (this.silent(place)) {
      this.unanswered += 1;
      return;
    }
    const { method = '' } = request;
    if (method !== 'GET') this.changes.push(`${method} ${place}`);
    const answer = method === 'GET' ? this.#get(place, labelsOf(url)) : this.#change(method, place);
    const status = answer === undefined ? 404 : method === 'GET' ? 200 : 204;
    response.writeHead(status, { 'content-type': 'application/json' });
    if (place === '/events') response.flushHeaders();
    else response.end(status === 204 ? '' : JSON.stringify(answer ?? { message: `no ${place}` }));
  }

  #get(place: string, labels: readonly string[]): unknown {
    const fit = (item: { labels: Labels }): boolean => labels.every((label) => has(item.labels, label));
    const { volumes, images, networks } = this.resources;
    if (place === '/version') return { Version: '28', ApiVersion: '1.48', Components: [] };
    if (place === '/events') return {};
    if (place === '/containers/json') return this.containers.filter(fit).map(summaryOf);
    if (place === '/volumes') return { Volumes: volumes.filter(fit).map(({ name }) => ({ Name: name })) };
    if (place === '/networks') return networks.filter(fit).map(({ name }) => ({ Name: name }));
    if (place === '/images/json') return images.filter(fit).map(({ name }) => ({ Id: name }));
    const [, name] = /^\/containers\/([^/]+)\/json$/.exec(place) ?? [];
    const container = this.containers.find((one) => one.name === name);
    return container && detailsOf(container);
  }

  #change(method: string, place: string): unknown {
    if (method !== 'DELETE') return {};
    const [, kind, name] = /^\/(\w+)\/(.+)$/.exec(place) ?? [];
    if (kind === 'containers') this.containers = this.containers.filter((one) => one.name !== name);
    if (kind === 'volumes' || kind === 'images' || kind === 'networks')
      this.resources[kind] = this.resources[kind].filter((one) => one.name !== name);
    return {};
  }
}

function labelsOf(url: URL): string[] {
  return v.parse(v.pipe(v.string(), v.parseJson(), Filters), url.searchParams.get('filters') ?? '{}').label;
}

function has(labels: Labels, wanted: string): boolean {
  const [name = '', value] = wanted.split(/=(.*)/s);
  return value === undefined ? name in labels : labels[name] === value;
}

function summaryOf({ name, labels, status = 'running' }: FakeContainer) {
  return {
    Id: name,
    Names: [`/${name}`],
    Image: 'image',
    ImageID: 'sha256:1',
    State: status,
    Labels: labels,
  };
}

function detailsOf({ name, labels, status = 'running', startedAt, port, volumes = [] }: FakeContainer) {
  return {
    Id: name,
    Name: `/${name}`,
    Image: 'sha256:1',
    State: {
      Status: status,
      ExitCode: 0,
      StartedAt: startedAt ?? '2026-01-01T00:00:00Z',
      FinishedAt: '0001-01-01T00:00:00Z',
    },
    Config: { Image: 'image', Labels: labels },
    Mounts: volumes.map((volume) => ({ Type: 'volume', Name: volume, Destination: '/v' })),
    NetworkSettings: {
      Ports: port === undefined ? {} : { '8811/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }] },
      Networks: {},
    },
  };
}

/** The labels that Compose gives a container, and we what is ours. */
export function composeLabelsOf(project: string, service: string, ...files: string[]): Labels {
  return {
    'com.docker.compose.project': project,
    'com.docker.compose.service': service,
    'com.docker.compose.project.config_files': files.join(','),
  };
}

/** The labels of a volume or image of ours. */
export function ourLabels(project: string): Labels {
  return { 'com.docker.compose.project': project, 'io.devcontainer-gateway.gateway': 'builtin' };
}
