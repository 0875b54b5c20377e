import path from 'node:path';
import type { ServerDefinition } from '../../../servers/schema';
import { substitute, substituteAll } from '../../../servers/variables';
import type { TransportEvents, Transport } from './transport';
import type { ChildOptions, ChildProcesses } from './child-processes';
import { Containers } from './containers';
import type { ResultLimit } from './http-body';
import { RestTransport } from './rest';
import { SseTransport } from './sse';
import { StdioTransport } from './stdio';
import { UrlTransport } from './url';
import type { ServerUser } from './server-users';

/**
 * Returns a function that opens the transport of a definition in this folder. It throws for a variable without a value.
 * `userOf` returns the user of a server, when it is not the gateway's own.
 */
export function transportOpener(
  processes: ChildProcesses,
  lookup: (name: string) => string | undefined,
  folder: string,
  resultLimit?: ResultLimit,
  userOf: (definition: ServerDefinition) => ServerUser | undefined = () => undefined,
): (definition: ServerDefinition, events: TransportEvents) => Transport {
  const urlOptions = ({ url, headers }: { url: string; headers: Record<string, string> }) => ({
    target: new URL(substitute(url, lookup)),
    headers: substituteAll(headers, lookup),
    ...(resultLimit && { resultLimit }),
  });
  const containers = new Containers(processes, lookup('MCP_GATEWAY_STATE') ?? folder);
  return (definition, events) => {
    switch (definition.type) {
      case 'stdio':
        return new StdioTransport(
          processes,
          processOf(definition, lookup, folder, userOf(definition)),
          events,
        );
      case 'http':
        return new UrlTransport(urlOptions(definition), events);
      case 'sse':
        return new SseTransport(urlOptions(definition), events);
      case 'container':
        return containers.open(definition, events, lookup, folder);
      case 'rest':
        return new RestTransport(definition, (text) => substitute(text, lookup), events, resultLimit);
    }
  };
}

type StdioDefinition = Extract<ServerDefinition, { type: 'stdio' }>;

function processOf(
  { command, args, env, cwd }: StdioDefinition,
  lookup: (name: string) => string | undefined,
  folder: string,
  user: ServerUser | undefined,
): ChildOptions {
  const find = (name: string): string | undefined =>
    name === 'MCP_GATEWAY_STATE' && user ? user.home : lookup(name);
  return {
    command: substitute(command, find),
    args: args.map((arg) => substitute(arg, find)),
    env: substituteAll(env, find),
    cwd: path.resolve(folder, substitute(cwd ?? '.', find)),
    ...(user && { user }),
  };
}
