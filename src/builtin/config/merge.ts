import { nextFields, type ApiProblem } from '../../servers/api-types';
import type { ServerDefinition, ServersFile } from '../../servers/schema';

/** Where a server is defined. */
export type ServerSource = 'file' | 'environment' | 'runtime';

/** A server, or one of its tools, switched on or off while the gateway runs. */
export interface Switch {
  server: string;
  /** The name that the server gives the tool. Without it, the whole server is switched. */
  tool?: string | undefined;
  enabled: boolean;
}

export interface Parts {
  file: ServersFile;
  environment: ReadonlyMap<string, ServerDefinition>;
  runtime: ReadonlyMap<string, ServerDefinition>;
  switches: readonly Switch[];
  /** Servers that no switch names are off. */
  othersOff: boolean;
}

/** The servers from all sources. */
export interface MergedServers {
  file: ServersFile;
  sources: ReadonlyMap<string, ServerSource>;
  /** One for each server that is hidden by another one with the same name. */
  clashes: ApiProblem[];
}

/** Merges the sources. When two servers have the same name, the file has priority, then the environment. */
export function mergeServers({ file, environment, runtime, switches, othersOff }: Parts): MergedServers {
  const servers = new Map<string, ServerDefinition>();
  const sources = new Map<string, ServerSource>();
  const clashes: ApiProblem[] = [];
  const take = (source: ServerSource, definitions: ReadonlyMap<string, ServerDefinition>): void => {
    for (const [name, definition] of definitions) {
      const taken = sources.get(name);
      if (taken)
        clashes.push({
          message: `The server "${name}" from ${places[source]} is not used, because ${places[taken]} has a server with that name.`,
          ...nextFields('Give one of the two another name, or remove it.'),
        });
      else {
        sources.set(name, source);
        const otherwise = othersOff ? { ...definition, enabled: false } : definition;
        servers.set(name, switched(name, otherwise, switches));
      }
    }
  };
  take('file', file.servers);
  take('environment', environment);
  take('runtime', runtime);
  return { file: { ...file, servers }, sources, clashes };
}

const places: Readonly<Record<ServerSource, string>> = {
  file: 'the servers file',
  environment: 'the variable MCP_SERVERS',
  runtime: 'the list of servers that were added while the gateway was running',
};

function switched(name: string, definition: ServerDefinition, switches: readonly Switch[]): ServerDefinition {
  return switches
    .filter(({ server }) => server === name)
    .reduce<ServerDefinition>(
      (current, { tool, enabled }) =>
        tool === undefined ? { ...current, enabled } : withTool(current, tool, enabled),
      definition,
    );
}

function withTool(definition: ServerDefinition, tool: string, enabled: boolean): ServerDefinition {
  const others = definition.disabledTools.filter((name) => name !== tool);
  const disabledTools = enabled ? others : [...others, tool];
  if (definition.type === 'rest' || !definition.tools || !enabled || definition.tools.includes(tool))
    return { ...definition, disabledTools };
  return { ...definition, disabledTools, tools: [...definition.tools, tool] };
}

/** Whether the definition allows clients to see the tool. */
export function showsTool(definition: ServerDefinition, tool: string): boolean {
  if (definition.disabledTools.includes(tool)) return false;
  return definition.type === 'rest' || (definition.tools?.includes(tool) ?? true);
}
