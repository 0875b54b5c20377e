import * as v from 'valibot';
import { step, stepText, stepVerbs, type NextStep } from '../platform/next-step';
import { gatewayKinds } from './gateway-settings';

/**
 * The documents of the built-in gateway's `/api`, in one place for the gateway that writes them and for the programs that
 * read them. Members that an older gateway does not send have a default; members that are not known here are dropped.
 */
const Step = v.object({
  text: v.string(),
  action: v.optional(
    v.object({
      verb: v.picklist(stepVerbs),
      args: v.optional(v.array(v.string()), []),
      elsewhere: v.optional(v.boolean(), false),
    }),
  ),
});

const problemEntries = {
  message: v.string(),
  next: v.optional(v.string(), ''),
  step: v.fallback(v.optional(Step), undefined),
};

/** `next` is the next step as a person reads it; `step` is the same as data. */
function withStep<T extends { next: string; step?: NextStep | undefined }>(
  problem: T,
): Omit<T, 'step'> & { step: NextStep } {
  return { ...problem, step: problem.step ?? step(problem.next) };
}

/** What is wrong, and what to do next. */
export const ApiProblem = v.pipe(v.object(problemEntries), v.transform(withStep));
export type ApiProblem = v.InferOutput<typeof ApiProblem>;

/** The members of a problem that say what to do next. */
export function nextFields(next: NextStep | string): Pick<ApiProblem, 'next' | 'step'> {
  const known = typeof next === 'string' ? step(next) : next;
  return { next: stepText(known), step: known };
}

const count = v.optional(v.number(), 0);

/** A server in `/api/servers` and in the event `server`. */
export const ServerReport = v.object({
  name: v.string(),
  type: v.string(),
  state: v.picklist(['disabled', 'idle', 'starting', 'ready', 'failed', 'stopped']),
  enabled: v.boolean(),
  error: v.nullable(ApiProblem),
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
  /** ISO; `null` while it does not run. */
  startedAt: v.nullable(v.string()),
  restarts: v.number(),
  description: v.nullable(v.string()),
  serverInfo: v.nullable(v.object({ name: v.string(), version: v.string() })),
  protocolVersion: v.nullable(v.string()),
});
export type ServerReport = v.InferOutput<typeof ServerReport>;

/** Why the servers file is not what is served. Lines and columns count from 1. */
export const ServersFileProblem = v.pipe(
  v.object({
    ...problemEntries,
    file: v.nullish(v.string(), null),
    line: v.nullish(v.number(), null),
    column: v.nullish(v.number(), null),
  }),
  v.transform(withStep),
);
export type ServersFileProblem = v.InferOutput<typeof ServersFileProblem>;

/** What a gateway says of itself. `servers` is the file that it serves, where it has one. */
export const GatewayReport = v.object({
  kind: v.picklist(gatewayKinds),
  version: v.string(),
  pid: v.nullish(v.number(), null),
  /** ISO; `null` where it is not known. */
  startedAt: v.nullish(v.string(), null),
  servers: v.nullable(v.string()),
  problem: v.nullable(ServersFileProblem),
  /** Whether servers with secrets have users of their own, or all run as the user of the gateway. */
  serverUsers: v.optional(v.picklist(['own', 'shared'])),
});
export type GatewayReport = v.InferOutput<typeof GatewayReport>;

/** The document of `/api/servers`. */
export const ServersDocument = v.object({
  gateway: GatewayReport,
  servers: v.array(ServerReport),
  /** What is wrong with names, or with servers from other places than the file. */
  problems: v.optional(v.array(ApiProblem), []),
});
export type ServersDocument = v.InferOutput<typeof ServersDocument>;

/** The document of `/api/secrets`: names alone. `missing`: what servers need and has no value, with those servers. */
export const SecretsDocument = v.object({
  secrets: v.array(v.string()),
  missing: v.array(v.object({ name: v.string(), servers: v.array(v.string()) })),
});
export type SecretsDocument = v.InferOutput<typeof SecretsDocument>;

const guardValue = v.union([v.boolean(), v.number()]);

/** The document of `/api/settings`: what the servers file asks for, and what is used until a person accepts it. */
export const LooserSettings = v.object({
  looser: v.array(v.object({ setting: v.string(), asked: guardValue, used: guardValue })),
  accepted: v.record(v.string(), guardValue),
});
export type LooserSettings = v.InferOutput<typeof LooserSettings>;

/** What `/api` answers instead, with a status from 400 on. */
export const ErrorDocument = v.object({ error: ApiProblem });
