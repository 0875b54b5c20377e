import * as v from 'valibot';

export const gatewayKinds = ['builtin', 'docker', 'contextforge', 'http', 'stdio'] as const;

export type GatewayKind = (typeof gatewayKinds)[number];

const MiB = 1024 * 1024;

const count = (least: number, most: number) =>
  v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));

const percent = v.pipe(v.number(), v.minValue(0.000_001), v.maxValue(100));

const audit = v.looseObject({
  enabled: v.optional(v.boolean(), true),
  /** Whether the arguments of calls are written too, with secrets removed. */
  arguments: v.optional(v.boolean(), false),
  /** The maximum size of one file. */
  maxBytes: v.optional(count(1024, 1024 * MiB), 10 * MiB),
  /** The number of files that are kept, including the current one. */
  files: v.optional(count(1, 100), 5),
});

const limits = v.looseObject({
  /** The largest request body. */
  bodyBytes: v.optional(count(1024, 1024 * MiB), 64 * MiB),
  /** The largest result of one call. */
  resultBytes: v.optional(count(1024, 1024 * MiB), 64 * MiB),
  /** The part of the memory that the bodies of all requests under way may have together. */
  bodyMemoryPercent: v.optional(percent, 12.5),
  /** The part of the memory that the events may have that all sessions together keep for broken streams. */
  eventMemoryPercent: v.optional(percent, 6.25),
  /** The time limit for the headers of a request, and for the first request on a connection. */
  headerSeconds: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(3600)), 20),
  /** The time limit for receiving a whole request. Responses have no limit. */
  bodySeconds: v.optional(v.pipe(v.number(), v.minValue(0.1), v.maxValue(3600)), 60),
  /** How long calls under way may take to end when the gateway stops. Engines kill it ten seconds after the signal. */
  stopSeconds: v.optional(v.pipe(v.number(), v.minValue(0), v.maxValue(60)), 5),
  /** The maximum number of open client connections. */
  connections: v.optional(count(1, 100_000), 1000),
});

/** The `gateway` object of `servers.json`. Unknown members are kept for other gateway kinds. */
export const gatewaySettingsSchema = v.looseObject({
  kind: v.optional(v.picklist(gatewayKinds), 'builtin'),
  /** Whether the names of tools and prompts start with the server's name. A server's entry can override this. */
  prefix: v.optional(v.picklist(['always', 'never']), 'always'),
  /** Whether clients see two tools, one to find and one to call tools, instead of the list of all tools. */
  toolSearch: v.optional(v.boolean(), false),
  audit: v.optional(audit, {}),
  limits: v.optional(limits, {}),
  /** A call that takes longer than this is logged as a warning. */
  slowCallSeconds: v.optional(v.pipe(v.number(), v.minValue(0.001), v.maxValue(86_400)), 10),
});

/** The settings of the gateway itself, with every default filled in. */
export type GatewaySettings = v.InferOutput<typeof gatewaySettingsSchema>;

/** The members of `audit` and `limits`: every one that exists has a default, so they are all here. */
export type AuditMember = keyof typeof audit.entries;
export type LimitMember = keyof typeof limits.entries;

export const defaultSettings: GatewaySettings = v.parse(gatewaySettingsSchema, {});

/** At most `perMinute` calls a minute, evenly spread. `burst` calls are allowed at once; the default is `perMinute`. */
const rate = v.looseObject({
  perMinute: v.pipe(v.number(), v.minValue(0.001), v.maxValue(1_000_000)),
  burst: v.optional(count(1, 1_000_000)),
});

/** The members of a server's entry that limit its calls. Changes apply without a restart of the server. */
export const callLimits = {
  rateLimit: v.optional(
    v.looseObject({
      ...v.partial(rate).entries,
      /** Limits of single tools, by the names that the server gives them. */
      tools: v.optional(v.record(v.string(), rate), {}),
    }),
  ),
  concurrency: v.optional(
    v.looseObject({
      /** The maximum number of calls that run at the same time. */
      calls: count(1, 100_000),
      /** The maximum number of calls that wait for their turn. */
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
