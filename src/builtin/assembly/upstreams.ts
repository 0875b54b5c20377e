import path from 'node:path';
import { CatalogueCache } from '../catalogue/cache';
import { ServerRegistry } from '../catalogue/server-registry';
import type { GatewayHost } from './host';
import { Secrets } from '../config/secrets';
import { ChildProcesses } from '../upstream/transports/child-processes';
import { Eras } from '../upstream/connection/era';
import { EraCache } from '../upstream/connection/era-cache';
import { transportOpener } from '../upstream/transports/open';
import type { Logs } from '../logs/logs';

/** The servers behind the gateway, with their processes and their secrets. */
export interface Upstreams {
  registry: ServerRegistry;
  processes: ChildProcesses;
  secrets: Secrets;
  /** Returns the value of a variable that servers may refer to. */
  lookup: (name: string) => string | undefined;
}

/** `answerBytes`: the largest response of a server that the gateway reads. */
export function makeUpstreams(
  { options, env }: GatewayHost,
  logs: Logs,
  answerBytes: () => number,
): Upstreams {
  const inState = (name: string): string => path.join(options.state, name);
  const processes = new ChildProcesses();
  const secrets = new Secrets(inState('secrets.env'), {
    seen: (value) => logs.redactor.add(value),
    report: logs.note,
    onChanged: (names) => registry.restartUsing(names),
  });
  const passed = (name: string): string | undefined =>
    name === 'MCP_GATEWAY_STATE' ? options.state : options.env.includes(name) ? env[name] : undefined;
  const lookup = (name: string): string | undefined => secrets.lookup(name) ?? passed(name);
  const cache = new CatalogueCache(inState('catalogue'), logs.note);
  cache.prepare();
  const eras = new Eras(
    transportOpener(processes, lookup, process.cwd(), answerBytes),
    new EraCache(inState('eras.json'), logs.note),
  );
  const registry = new ServerRegistry(eras, logs.forServer, logs.note, cache);
  return { registry, processes, secrets, lookup };
}
