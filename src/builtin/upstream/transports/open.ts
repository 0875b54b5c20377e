import path from 'node:path';
import type { ServerDefinition } from '../../../servers/schema';
import { substitute, substituteAll } from '../../../servers/variables';
import type { TransportEvents, Transport } from './transport';
import type { ChildProcesses } from './child-processes';
import { Containers } from './containers';
import type { ResultLimit } from './http-body';
import { RestTransport } from './rest';
import { SseTransport } from './sse';
import { StdioTransport } from './stdio';
import { UrlTransport } from './url';

/** Returns a function that opens the transport of a definition in this folder. It throws for a variable without a value. */
export function transportOpener(
  processes: ChildProcesses,
  lookup: (name: string) => string | undefined,
  folder: string,
  resultLimit?: ResultLimit,
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
          {
            command: substitute(definition.command, lookup),
            args: definition.args.map((arg) => substitute(arg, lookup)),
            env: substituteAll(definition.env, lookup),
            cwd: path.resolve(folder, substitute(definition.cwd ?? '.', lookup)),
          },
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
