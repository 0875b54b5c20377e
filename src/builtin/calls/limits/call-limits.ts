import type { CallLimits, Rate } from '../../../servers/gateway-settings';
import type { Profile } from '../../tokens/profile';
import { FairQueue } from './fair-queue';
import { Quota } from './quota';
import { RefusedError } from './refused';
import { TokenBucket } from './token-bucket';

/** The methods with limits. The other methods need little work of a server. */
const limited = new Set(['tools/call', 'prompts/get', 'resources/read', 'completion/complete']);

interface ServerLimits {
  all: TokenBucket | undefined;
  tools: ReadonlyMap<string, TokenBucket>;
  queue: FairQueue | undefined;
}

/** The rate limits, quotas and queues of all servers and tokens. */
export class AllLimits {
  #servers: ReadonlyMap<string, ServerLimits> = new Map();
  readonly #quotas = new Map<string, Quota>();

  /** Applies the limits of a servers file. Limits that did not change keep their counts. */
  configure(definitions: Iterable<readonly [string, CallLimits]>): void {
    const before = this.#servers;
    this.#servers = new Map(
      [...definitions].map(([name, limits]) => [name, updated(before.get(name), limits)]),
    );
  }

  /** Counts a call. Throws {@link RefusedError} when its profile, its server or its tool has no call left. */
  take(profile: Profile, server: string, method: string, name: string): void {
    if (!limited.has(method)) return;
    const limits = this.#servers.get(server);
    const tool = method === 'tools/call' ? limits?.tools.get(name) : undefined;
    checkRate(limits?.all, `The server "${server}"`);
    checkRate(tool, `The tool "${name}" of the server "${server}"`);
    this.#takeQuota(profile);
    limits?.all?.take();
    tool?.take();
  }

  /** The queue in which a call waits for its turn. `undefined` when it need not wait. */
  queueFor(server: string, method: string): FairQueue | undefined {
    return limited.has(method) ? this.#servers.get(server)?.queue : undefined;
  }

  /** The number of waiting calls, by server. */
  *queued(): Iterable<[string, number]> {
    for (const [name, { queue }] of this.#servers) if (queue) yield [name, queue.queued];
  }

  #takeQuota({ name, quota }: Profile): void {
    if (quota.perHour === undefined && quota.perDay === undefined) return;
    const used = this.#quotas.get(name) ?? new Quota();
    this.#quotas.set(name, used);
    const exhausted = used.exhausted(quota);
    if (exhausted)
      throw new RefusedError(
        'quota',
        `The token "${name}" has used its ${exhausted.calls} calls of this ${exhausted.per}. ${again(exhausted.waitMs)}`,
        exhausted.waitMs,
      );
    used.take();
  }
}

function checkRate(bucket: TokenBucket | undefined, what: string): void {
  const waitMs = bucket?.waitMs() ?? 0;
  if (!bucket || waitMs === 0) return;
  throw new RefusedError(
    'rate',
    `${what} is limited to ${bucket.rate.perMinute} calls a minute (rateLimit in servers.json). ${again(waitMs)}`,
    waitMs,
  );
}

function again(waitMs: number): string {
  return `Try again in ${Math.ceil(waitMs / 1000)} s.`;
}

function updated(before: ServerLimits | undefined, { rateLimit, concurrency }: CallLimits): ServerLimits {
  const { perMinute, burst } = rateLimit ?? {};
  const tools = Object.entries(rateLimit?.tools ?? {});
  return {
    all: perMinute === undefined ? undefined : bucket(before?.all, { perMinute, burst }),
    tools: new Map(tools.map(([name, rate]) => [name, bucket(before?.tools.get(name), rate)])),
    queue: concurrency && queue(before?.queue, concurrency),
  };
}

function bucket(before: TokenBucket | undefined, rate: Pick<Rate, 'perMinute' | 'burst'>): TokenBucket {
  const same = before?.rate.perMinute === rate.perMinute && before.rate.burst === rate.burst;
  return before && same ? before : new TokenBucket(rate);
}

function queue(
  before: FairQueue | undefined,
  { calls, queue: length }: { calls: number; queue: number },
): FairQueue {
  if (!before) return new FairQueue(calls, length);
  before.places = calls;
  before.queueLimit = length;
  before.fill();
  return before;
}
