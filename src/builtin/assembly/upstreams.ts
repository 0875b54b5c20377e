import path from 'node:path';
import { CatalogueCache } from '../catalogue/cache';
import { Fleet } from '../catalogue/server-registry';
import type { GatewayHost } from './host';
import { Secrets } from '../config/secrets';
import { ChildProcesses } from '../upstream/transports/child-processes';
import { Eras } from '../upstream/connection/era';
import { EraCache } from '../upstream/connection/era-cache';
import { channelOpener } from '../upstream/transports/open';
import type { Logs } from '../logs/logs';

/** The servers behind the gateway, with their processes and their secrets. */
export interface Upstreams {
  fleet: Fleet;
  processes: ChildProcesses;
  secrets: Secrets;
  /** The value of a variable that servers may refer to. */
  lookup: (name: string) => string | undefined;
}

/** `answerBytes`: the largest answer of a server that is read. */
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
    onChanged: (names) => fleet.restartUsing(names),
  });
  const passed = (name: string): string | undefined =>
    name === 'MCP_GATEWAY_STATE' ? options.state : options.env.includes(name) ? env[name] : undefined;
  const lookup = (name: string): string | undefined => secrets.lookup(name) ?? passed(name);
  const cache = new CatalogueCache(inState('catalogue'), logs.note);
  cache.prepare();
  const eras = new Eras(
    channelOpener(processes, lookup, process.cwd(), answerBytes),
    new EraCache(inState('eras.json'), logs.note),
  );
  const fleet = new Fleet(eras, logs.forServer, logs.note, cache);
  return { fleet, processes, secrets, lookup };
}
