import * as v from 'valibot';

const Problem = v.object({ message: v.string(), next: v.optional(v.string(), '') });
const count = v.optional(v.number(), 0);

/** A server as the built-in gateway's `/api/servers` tells it; unknown members are dropped. */
export const ServerReport = v.object({
  name: v.string(),
  type: v.string(),
  state: v.picklist(['disabled', 'idle', 'starting', 'ready', 'failed', 'stopped']),
  enabled: v.boolean(),
  error: v.nullable(Problem),
  /** What it is busy with while it starts, where that takes long. */
  activity: v.optional(v.nullable(v.string()), null),
  counts: v.object({
    tools: count,
    resources: count,
    resourceTemplates: count,
    prompts: count,
    calls: count,
    errors: count,
  }),
  pid: v.nullable(v.number()),
  url: v.nullable(v.string()),
  startedAt: v.nullable(v.string()),
  restarts: v.number(),
  description: v.nullable(v.string()),
  serverInfo: v.nullable(v.object({ name: v.string(), version: v.string() })),
  protocolVersion: v.nullable(v.string()),
});
export type ServerReport = v.InferOutput<typeof ServerReport>;

/** What the gateway tells about itself. `problem`: why its servers file is not what is served. */
export const GatewayAbout = v.object({
  kind: v.literal('builtin'),
  version: v.string(),
  pid: v.number(),
  startedAt: v.string(),
  servers: v.nullable(v.string()),
  problem: v.nullable(
    v.object({
      message: v.string(),
      file: v.nullish(v.string(), null),
      line: v.nullish(v.number(), null),
      column: v.nullish(v.number(), null),
      next: v.optional(v.string(), ''),
    }),
  ),
});
export type GatewayAbout = v.InferOutput<typeof GatewayAbout>;

/** The document of `/api/servers`. */
export const ServersDocument = v.object({
  gateway: GatewayAbout,
  servers: v.array(ServerReport),
  /** What is wrong with names, or with servers from other places than the file. */
  problems: v.optional(v.array(Problem), []),
});
export type ServersDocument = v.InferOutput<typeof ServersDocument>;

/** The document of `/api/secrets`: names alone. `missing`: what servers need and has no value, with those servers. */
export const SecretsDocument = v.object({
  secrets: v.array(v.string()),
  missing: v.array(v.object({ name: v.string(), servers: v.array(v.string()) })),
});
export type SecretsDocument = v.InferOutput<typeof SecretsDocument>;
