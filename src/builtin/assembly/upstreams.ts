import path from 'node:path';
import { CatalogueCache } from '../catalogue/cache';
import { ServerRegistry } from '../catalogue/server-registry';
import type { GatewayHost } from './host';
import { Secrets } from '../config/secrets';
import { withheldVariables } from '../upstream/transports/child-environment';
import { ChildProcesses } from '../upstream/transports/child-processes';
import { Eras } from '../upstream/connection/era';
import { EraCache } from '../upstream/connection/era-cache';
import { transportOpener } from '../upstream/transports/open';
import type { ServerUser, ServerUsers } from '../upstream/transports/server-users';
import type { Logs } from '../logs/logs';
import type { ServerDefinition } from '../../servers/schema';
import type { StateProblems } from '../state/state-problems';

/** The servers behind the gateway, with their processes and their secrets. */
export interface Upstreams {
  registry: ServerRegistry;
  processes: ChildProcesses;
  secrets: Secrets;
  /** Returns the value of a variable that servers may refer to. */
  lookup: (name: string) => string | undefined;
}

/** `answerBytes`: the largest response of a server that the gateway reads. `users`: those of the servers, when they are not the gateway's own. */
export function makeUpstreams(
  { options, env }: GatewayHost,
  logs: Logs,
  problems: StateProblems,
  answerBytes: () => number,
  users: ServerUsers | undefined,
): Upstreams {
  const inState = (name: string): string => path.join(options.state, name);
  keepPasswords(env, logs);
  const processes = new ChildProcesses(users?.workspace);
  const secrets = new Secrets(inState('secrets.env'), {
    seen: (value) => logs.redactor.add(value),
    report: logs.note,
    problems,
    onChanged: (names) => registry.restartUsing(names),
  });
  const passed = (name: string): string | undefined =>
    name === 'MCP_GATEWAY_STATE' ? options.state : options.env.includes(name) ? env[name] : undefined;
  const lookup = (name: string): string | undefined => secrets.lookup(name) ?? passed(name);
  const cache = new CatalogueCache(inState('catalogue'), logs.note);
  cache.prepare();
  const userOf = (definition: ServerDefinition): ServerUser | undefined =>
    users?.of(registry.nameOf(definition), definition);
  const eras = new Eras(
    transportOpener(processes, lookup, process.cwd(), answerBytes, userOf),
    new EraCache(inState('eras.json'), logs.note),
  );
  const registry = new ServerRegistry(eras, logs.forServer, logs.note, cache);
  return { registry, processes, secrets, lookup };
}

/** Passwords in addresses of the environment are kept out of logs, and their variables from servers. */
function keepPasswords(env: NodeJS.ProcessEnv, logs: Logs): void {
  const withheld = withheldVariables(env);
  for (const { passwords } of withheld) for (const password of passwords) logs.redactor.add(password);
  if (withheld.length === 0) return;
  const names = withheld.map(({ name }) => name).join(', ');
  logs.note(
    `Servers do not get ${names}, because an address in it has a password. For a server that needs it, store the address as a secret, for example PROXY, and write "env": {"HTTPS_PROXY": "\${PROXY}"} in servers.json.`,
  );
}
