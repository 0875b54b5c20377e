import { AppError } from '../../platform/errors';

/** What a container does, in the engine's own words. */
type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

/** A container as a list shows it. */
export interface ContainerSummary {
  id: string;
  name: string;
  image: string;
  imageId: string;
  status: ContainerStatus;
  labels: Readonly<Record<string, string>>;
}

/** A container in full. */
export interface ContainerDetails {
  id: string;
  name: string;
  image: string;
  imageId: string;
  status: ContainerStatus;
  exitCode: number;
  /** Why the engine could not start it; empty when it could. */
  error: string;
  outOfMemory: boolean;
  /** ISO times; `undefined` when it never started or finished. */
  startedAt: string | undefined;
  finishedAt: string | undefined;
  /** How often the restart policy has brought it back since it was started by hand. */
  restarts: number;
  labels: Readonly<Record<string, string>>;
  /** Published TCP ports. */
  ports: readonly PublishedPort[];
  /** Names of the networks it is on. */
  networks: readonly string[];
  mounts: readonly Mount[];
}

export interface Mount {
  type: string;
  /** The folder of the host, or the name of the volume. */
  source: string;
  target: string;
}

export interface PublishedPort {
  containerPort: number;
  hostIp: string;
  hostPort: number;
}

/** Something that happened to a container. */
export interface ContainerEvent {
  /** `start`, `die`, `destroy`, `health_status: healthy`, … */
  action: string;
  container: string;
  labels: Readonly<Record<string, string>>;
}

export interface EngineInfo {
  product: 'docker' | 'podman';
  version: string;
  apiVersion: string;
  /** Where the engine was found: "DOCKER_HOST", "docker context colima", "/var/run/docker.sock". */
  source: string;
}

export interface LogOptions {
  follow?: boolean;
  /** Number of last lines; all of them when absent. */
  tail?: number;
  signal?: AbortSignal;
}

/** A volume, network or image by its name or id. */
export interface Resource {
  kind: 'volume' | 'network' | 'image';
  name: string;
}

/**
 * The container engine as the gateway manager uses it. Every call may throw an {@link AppError}: `no-engine` where there
 * is none, `not-found` for an object that is gone, `engine` for what the engine itself refused.
 */
export interface ContainerRuntime {
  readonly kind: 'engine' | 'none';
  /** Variables that make `docker compose` talk to the same engine. */
  readonly environment: Readonly<Record<string, string>>;
  /** The host name of the engine's machine where that is another one: what it publishes on loopback is not reached from here. */
  readonly elsewhere: string | undefined;
  /** The same engine; what is asked of it ends with the signal's reason when that aborts. */
  within(signal: AbortSignal): ContainerRuntime;
  info(): Promise<EngineInfo>;
  /** Containers that carry all these labels (`name` or `name=value`), stopped ones included. */
  listContainers(labels: readonly string[]): Promise<ContainerSummary[]>;
  inspect(container: string): Promise<ContainerDetails>;
  start(container: string): Promise<void>;
  stop(container: string, graceSeconds?: number): Promise<void>;
  restart(container: string, graceSeconds?: number): Promise<void>;
  remove(container: string): Promise<void>;
  /** Both output streams, line by line, in the engine's order. */
  logs(container: string, options?: LogOptions): AsyncIterable<string>;
  /** Container events from now on, until the signal aborts or the engine goes away (which throws). */
  events(labels: readonly string[], signal: AbortSignal): AsyncIterable<ContainerEvent>;
  /** A file inside a container, running or not; `undefined` when there is none. */
  readFile(container: string, path: string): Promise<Buffer | undefined>;
  hasImage(name: string): Promise<boolean>;
  /** Volumes, networks or images that carry all these labels. */
  listResources(kind: Resource['kind'], labels: readonly string[]): Promise<Resource[]>;
  /** Removes it, and says whether it did: one in use is left alone, one that is gone counts as removed. */
  removeResource(resource: Resource): Promise<boolean>;
}

/** The runtime of a place without an engine. Every call says why there is none and where to run the command instead. */
export function noRuntime(reason: string, next: string): ContainerRuntime {
  const refuse = (): never => {
    throw new AppError('no-engine', reason, { next });
  };
  const reject = (): Promise<never> => Promise.reject(new AppError('no-engine', reason, { next }));
  const runtime: ContainerRuntime = {
    kind: 'none',
    environment: {},
    elsewhere: undefined,
    within: () => runtime,
    info: reject,
    listContainers: reject,
    inspect: reject,
    start: reject,
    stop: reject,
    restart: reject,
    remove: reject,
    logs: refuse,
    events: refuse,
    readFile: reject,
    hasImage: reject,
    listResources: reject,
    removeResource: reject,
  };
  return runtime;
}
