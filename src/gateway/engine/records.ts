import * as v from 'valibot';
import { AppError } from '../../platform/errors';
import type { ContainerDetails, ContainerEvent, ContainerSummary, PublishedPort, Resource } from './runtime';
import { sentence } from '../../platform/sentence';

// Docker and Podman answer the same API with small differences: absent maps are `null`, unknown members abound.

const status = v.fallback(
  v.picklist(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  'created',
);
const stringMap = v.nullish(v.record(v.string(), v.string()), {});
const portBindings = v.nullish(
  v.record(v.string(), v.nullable(v.array(v.object({ HostIp: v.string(), HostPort: v.string() })))),
);

const summary = v.object({
  Id: v.string(),
  Names: v.array(v.string()),
  Image: v.string(),
  ImageID: v.string(),
  State: status,
  Labels: stringMap,
});

const details = v.object({
  Id: v.string(),
  Name: v.string(),
  Image: v.string(),
  RestartCount: v.optional(v.number(), 0),
  State: v.object({
    Status: status,
    ExitCode: v.number(),
    Error: v.optional(v.string(), ''),
    OOMKilled: v.optional(v.boolean(), false),
    StartedAt: v.string(),
    FinishedAt: v.string(),
  }),
  Config: v.object({ Image: v.string(), Labels: stringMap }),
  Mounts: v.nullish(
    v.array(
      v.object({
        Type: v.string(),
        Name: v.optional(v.string()),
        Source: v.optional(v.string(), ''),
        Destination: v.string(),
      }),
    ),
    [],
  ),
  NetworkSettings: v.object({
    Ports: portBindings,
    Networks: v.nullish(v.record(v.string(), v.unknown())),
  }),
});

const event = v.object({
  Action: v.string(),
  Actor: v.object({ ID: v.string(), Attributes: stringMap }),
});

const versionReply = v.object({
  Version: v.string(),
  ApiVersion: v.string(),
  Components: v.nullish(v.array(v.object({ Name: v.string() }))),
});

const resourceLists = {
  volume: v.pipe(
    v.object({ Volumes: v.nullish(v.array(v.object({ Name: v.string() }))) }),
    v.transform(({ Volumes }) => (Volumes ?? []).map(({ Name }) => Name)),
  ),
  network: v.pipe(
    v.array(v.object({ Name: v.string() })),
    v.transform((networks) => networks.map(({ Name }) => Name)),
  ),
  image: v.pipe(
    v.array(v.object({ Id: v.string() })),
    v.transform((images) => images.map(({ Id }) => Id)),
  ),
} as const;

/** Reads a container list. */
export function parseSummaries(raw: unknown): ContainerSummary[] {
  return parse(v.array(summary), raw, 'container list').map((item) => ({
    id: item.Id,
    name: (item.Names[0] ?? item.Id).replace(/^\//, ''),
    image: item.Image,
    imageId: item.ImageID,
    status: item.State,
    labels: item.Labels,
  }));
}

/** Reads an inspected container. */
export function parseDetails(raw: unknown): ContainerDetails {
  const item = parse(details, raw, 'container');
  return {
    id: item.Id,
    name: item.Name.replace(/^\//, ''),
    image: item.Config.Image,
    imageId: item.Image,
    status: item.State.Status,
    exitCode: item.State.ExitCode,
    error: item.State.Error,
    outOfMemory: item.State.OOMKilled,
    startedAt: time(item.State.StartedAt),
    finishedAt: time(item.State.FinishedAt),
    restarts: item.RestartCount,
    labels: item.Config.Labels,
    ports: Object.entries(item.NetworkSettings.Ports ?? {}).flatMap(([port, bindings]) =>
      published(port, bindings ?? []),
    ),
    networks: Object.keys(item.NetworkSettings.Networks ?? {}),
    mounts: item.Mounts.map(({ Type, Name, Source, Destination }) => ({
      type: Type,
      source: Name ?? Source,
      target: Destination,
    })),
  };
}

function published(port: string, bindings: readonly { HostIp: string; HostPort: string }[]): PublishedPort[] {
  if (!port.endsWith('/tcp')) return [];
  return bindings.map(({ HostIp, HostPort }) => ({
    containerPort: Number.parseInt(port, 10),
    hostIp: HostIp,
    hostPort: Number(HostPort),
  }));
}

/** The engine writes year 1 for "never". */
function time(text: string): string | undefined {
  return text.startsWith('0001-') || Number.isNaN(Date.parse(text)) ? undefined : text;
}

/** Reads one line of the event stream. */
export function parseEvent(line: string): ContainerEvent {
  const { Action, Actor } = parse(event, JSON.parse(line), 'event');
  return { action: Action, container: Actor.ID, labels: Actor.Attributes };
}

/** Reads the answer to `/version`. */
export function parseVersion(raw: unknown): {
  product: 'docker' | 'podman';
  version: string;
  apiVersion: string;
} {
  const reply = parse(versionReply, raw, 'version');
  const podman = (reply.Components ?? []).some(({ Name }) => /podman/i.test(Name));
  return { product: podman ? 'podman' : 'docker', version: reply.Version, apiVersion: reply.ApiVersion };
}

/** Reads a list of volumes, networks or images. */
export function parseResources(kind: Resource['kind'], raw: unknown): Resource[] {
  return parse(resourceLists[kind], raw, `${kind} list`).map((name) => ({ kind, name }));
}

function parse<Schema extends v.GenericSchema>(
  schema: Schema,
  raw: unknown,
  what: string,
): v.InferOutput<Schema> {
  const result = v.safeParse(schema, raw);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new AppError(
    'engine',
    sentence(`The engine's ${what} is not valid: ${v.getDotPath(issue) ?? ''} ${issue.message}`),
    {
      next: 'Check that the endpoint is a Docker or Podman engine.',
    },
  );
}
