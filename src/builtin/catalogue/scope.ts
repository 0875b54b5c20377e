import type { Client } from '../client/client';
import { seesServer, unrestricted, type Profile } from '../tokens/profile';
import type { ServerHandle } from '../upstream/server/handle';

/**
 * What one client can see at one endpoint: the servers, whether their names are prefixes, and the profile of its token.
 *
 * `/mcp` has the scope of all servers, with prefixed names. `/servers/NAME/mcp` has the scope of one server, with the
 * server's own names. A scope is narrowed in two steps: {@link scopeForProfile} removes the servers that the token may not
 * see, and {@link scopeForClient} replaces servers by the client's own view of them, where it has a dedicated connection.
 * Equal inputs return the same object, so the merged lists can be cached by scope. Lists and names follow
 * https://modelcontextprotocol.io/specification/2025-11-25/server/tools (Listing Tools, Tool Names).
 */
export interface Scope {
  key: string;
  servers: readonly ServerHandle[];
  prefixed: boolean;
  /** The profile that decides which entries are visible. */
  profile: Profile;
  /** Whether the scope is the same for every client. Only then are its lists cached. */
  shared: boolean;
}

const everything = unrestricted('gateway');

/** All servers with prefixed names, without restrictions. */
export function scopeOfAll(servers: readonly ServerHandle[]): Scope {
  return { key: '*', servers, prefixed: true, profile: everything, shared: true };
}

/** One server with its own names. */
export function scopeOfOne(server: ServerHandle): Scope {
  return { key: server.name, servers: [server], prefixed: false, profile: everything, shared: true };
}

const profiled = new WeakMap<Scope, WeakMap<Profile, Scope>>();

/** The scope as a profile allows it. */
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

/** The scope as one client sees it. The same scope when the client has no dedicated connection to any of the servers. */
export function scopeForClient(client: Client, scope: Scope): Scope {
  if (scope.servers.every((server) => server.forClient(client) === server)) return scope;
  return { ...scope, servers: scope.servers.map((server) => server.forClient(client)), shared: false };
}
