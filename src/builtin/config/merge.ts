import type { CatalogueProblem } from '../catalogue/merged';
import type { ServerDefinition, ServersFile } from '../../servers/schema';

/** Where a server was defined. */
export type ServerSource = 'file' | 'environment' | 'runtime';

/** A server, or one of its tools, switched on or off while the gateway runs. */
export interface Switch {
  server: string;
  /** The server's own name of the tool; the whole server without it. */
  tool?: string | undefined;
  enabled: boolean;
}

export interface Parts {
  file: ServersFile;
  environment: ReadonlyMap<string, ServerDefinition>;
  runtime: ReadonlyMap<string, ServerDefinition>;
  switches: readonly Switch[];
}

/** What is served, put together from all places. */
export interface MergedServers {
  file: ServersFile;
  sources: ReadonlyMap<string, ServerSource>;
  /** One for each server that another one of its name hides. */
  clashes: CatalogueProblem[];
}

/** Puts the places together: of two servers with one name the file's is taken, then the environment's. */
export function mergeServers({ file, environment, runtime, switches }: Parts): MergedServers {
  const servers = new Map<string, ServerDefinition>();
  const sources = new Map<string, ServerSource>();
  const clashes: CatalogueProblem[] = [];
  const take = (source: ServerSource, definitions: ReadonlyMap<string, ServerDefinition>): void => {
    for (const [name, definition] of definitions) {
      const taken = sources.get(name);
      if (taken)
        clashes.push({
          message: `the server "${name}" of ${places[source]} is not used: ${places[taken]} has one of that name`,
          next: 'Give one of the two another name, or remove it.',
        });
      else {
        sources.set(name, source);
        servers.set(name, switched(name, definition, switches));
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
  runtime: 'those added while the gateway runs',
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

/** Whether a definition shows the tool, if the server has it. */
export function showsTool(definition: ServerDefinition, tool: string): boolean {
  if (definition.disabledTools.includes(tool)) return false;
  return definition.type === 'rest' || (definition.tools?.includes(tool) ?? true);
}
