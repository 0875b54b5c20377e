import path from 'node:path';
import type { ServerDefinition } from '../../servers/schema';
import { substitute, substituteAll } from '../../servers/variables';
import type { ChannelEvents, Channel } from './channel';
import type { ChildProcesses } from './child-processes';
import { HttpChannel } from './http-channel';
import { StdioChannel } from './stdio-channel';

/** Opens the connection that a definition describes. Throws when a variable has no value or the type is not supported here. */
export function channelOpener(
  processes: ChildProcesses,
  lookup: (name: string) => string | undefined,
  folder: string,
): (definition: ServerDefinition, events: ChannelEvents) => Channel {
  return (definition, events) => {
    switch (definition.type) {
      case 'stdio':
        return new StdioChannel(
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
        return new HttpChannel(
          {
            target: new URL(substitute(definition.url, lookup)),
            headers: substituteAll(definition.headers, lookup),
          },
          events,
        );
      case 'sse':
      case 'container':
      case 'rest':
        throw new Error(
          `servers of type "${definition.type}" are not supported by this version of the gateway`,
        );
    }
  };
}
