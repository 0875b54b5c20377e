import * as v from 'valibot';

export const gatewayKinds = ['builtin', 'docker', 'contextforge', 'http', 'stdio'] as const;

export type GatewayKind = (typeof gatewayKinds)[number];

const MiB = 1024 * 1024;

const count = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const audit = v.looseObject({
  enabled: v.optional(v.boolean(), true),
  /** Whether the arguments of calls are written as well, redacted. */
  arguments: v.optional(v.boolean(), false),
  /** How large one file gets. */
  maxBytes: v.optional(count(1024, 1024 * MiB), 10 * MiB),
  /** How many files are kept, the present one included. */
  files: v.optional(count(1, 100), 5),
});

const limits = v.looseObject({
  /** The largest request body. */
  bodyBytes: v.optional(count(1024, 1024 * MiB), 64 * MiB),
  /** The largest result of one call. */
  resultBytes: v.optional(count(1024, 1024 * MiB), 64 * MiB),
  /** How long the head of a request may take to arrive, and a connection to send its first one. */
  headerSeconds: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(3600)), 20),
  /** How long a whole request may take to arrive; answers take what they need. */
  bodySeconds: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(3600)), 60),
  /** How many clients' connections are open at one time. */
  connections: v.optional(count(1, 100_000), 1000),
});

/** What `servers.json` says under `gateway`; unknown members are kept for gateways of other kinds. */
export const gatewaySettingsSchema = v.looseObject({
  kind: v.optional(v.picklist(gatewayKinds), 'builtin'),
  /** Whether the server's name stands in front of the names of tools and prompts; a server's entry can say otherwise. */
  prefix: v.optional(v.picklist(['always', 'never']), 'always'),
  /** Whether clients see two tools, to find and to call, in place of the list of all tools. */
  toolSearch: v.optional(v.boolean(), false),
  audit: v.optional(audit, {}),
  limits: v.optional(limits, {}),
  /** A call that takes longer is a warning. */
  slowCallSeconds: v.optional(v.pipe(v.number(), v.minValue(0.001), v.maxValue(86_400)), 10),
});

/** The settings of the gateway itself, with every default filled in. */
export type GatewaySettings = v.InferOutput<typeof gatewaySettingsSchema>;

export const defaultSettings: GatewaySettings = v.parse(gatewaySettingsSchema, {});

/** At most `perMinute` calls, evenly; `burst` at once (default: as many as a minute has). */
const rate = v.looseObject({
  perMinute: v.pipe(v.number(), v.minValue(0.001), v.maxValue(1_000_000)),
  burst: v.optional(count(1, 1_000_000)),
});

/** The members of a server's entry that limit its calls; they apply without a restart of the server. */
export const callLimits = {
  rateLimit: v.optional(
    v.looseObject({
      ...v.partial(rate).entries,
      /** Limits of single tools, by the server's own names. */
      tools: v.optional(v.record(v.string(), rate), {}),
    }),
  ),
  concurrency: v.optional(
    v.looseObject({
      /** How many calls run at one time. */
      calls: count(1, 100_000),
      /** How many more may wait for their turn. */
      queue: v.optional(count(0, 100_000), 100),
    }),
  ),
};

/** The members of an entry that {@link callLimits} describes. */
export interface CallLimits {
  rateLimit?:
    { perMinute?: number | undefined; burst?: number | undefined; tools: Record<string, Rate> } | undefined;
  concurrency?: { calls: number; queue: number } | undefined;
}

export type Rate = v.InferOutput<typeof rate>;
