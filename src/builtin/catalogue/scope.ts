import type { Client } from '../client/client';
import { seesServer, unrestricted, type Profile } from '../tokens/profile';
import type { ServerHandle } from '../upstream/server/handle';

/** The servers that an end point shows: all of them, or one without prefix. */
export interface Scope {
  key: string;
  servers: readonly ServerHandle[];
  prefixed: boolean;
  /** What of it is shown. */
  profile: Profile;
  /** Whether it looks the same to every client; what differs from client to client is not kept. */
  shared: boolean;
}

const everything = unrestricted('gateway');

/** All servers under prefixed names, as they look without restrictions. */
export function scopeOfAll(servers: readonly ServerHandle[]): Scope {
  return { key: '*', servers, prefixed: true, profile: everything, shared: true };
}

/** One server under its own names. */
export function scopeOfOne(server: ServerHandle): Scope {
  return { key: server.name, servers: [server], prefixed: false, profile: everything, shared: true };
}

const profiled = new WeakMap<Scope, WeakMap<Profile, Scope>>();

/** The scope as a profile sees it. */
export function scopeForProfile(scope: Scope, profile: Profile): Scope {
  let known = profiled.get(scope);
  if (!known) profiled.set(scope, (known = new WeakMap()));
  let seen = known.get(profile);
  if (!seen) known.set(profile, (seen = restricted(scope, profile)));
  return seen;
}

function restricted(scope: Scope, profile: Profile): Scope {
  if (profile.key === '') return { ...scope, profile };
  return { ...scope, profile, servers: scope.servers.filter(({ name }) => seesServer(profile, name)) };
}

/** The scope as one client sees it; the same scope where the client shares all of its servers with everybody. */
export function scopeForClient(client: Client, scope: Scope): Scope {
  if (scope.servers.every((server) => server.forClient(client) === server)) return scope;
  return { ...scope, servers: scope.servers.map((server) => server.forClient(client)), shared: false };
}
