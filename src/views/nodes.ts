import type { PromptEntry, ResourceEntry, TemplateEntry, ToolEntry } from '../editor/catalogue';
import type { ServerReport } from '../servers/api-types';
import type { GatewayState, Trouble } from '../gateway/watch/state';

export type Group = 'tools' | 'resources' | 'prompts';

/** A row of the tree. Its id stays the same while it shows the same thing. */
export type Node =
  | { kind: 'gateway'; state: GatewayState }
  | { kind: 'server'; server: ServerReport }
  | { kind: 'group'; server: string; group: Group; count: number }
  | { kind: 'tool'; entry: ToolEntry }
  | { kind: 'resource'; entry: ResourceEntry }
  | { kind: 'template'; entry: TemplateEntry }
  | { kind: 'prompt'; entry: PromptEntry }
  | { kind: 'trouble'; owner: string; trouble: Trouble; remedy: Remedy };

/** The command that fixes a problem. */
type Remedy =
  | { command: 'start' | 'restart' | 'refresh' | 'showLogs' | 'openServersFile' }
  | { command: 'restartServer' | 'showServerLog'; server: string };

export function idOf(node: Node): string {
  switch (node.kind) {
    case 'gateway':
      return 'gateway';
    case 'server':
      return `server/${node.server.name}`;
    case 'group':
      return `server/${node.server}/${node.group}`;
    case 'tool':
      return `server/${node.entry.server}/tools/${node.entry.name}`;
    case 'resource':
      return `server/${node.entry.server}/resources/${node.entry.uri}`;
    case 'template':
      return `server/${node.entry.server}/templates/${node.entry.uriTemplate}`;
    case 'prompt':
      return `server/${node.entry.server}/prompts/${node.entry.name}`;
    case 'trouble':
      return `${node.owner}/trouble`;
  }
}

/** The rows at the top. If the gateway is not created or is stopped, the view shows its welcome text. */
export function rootNodes(
  state: GatewayState | undefined,
  problem: (Trouble & { location?: unknown }) | undefined,
): Node[] {
  if (problem)
    return [{ kind: 'trouble', owner: 'workspace', trouble: problem, remedy: { command: 'refresh' } }];
  if (!state || state.status === 'absent' || state.status === 'stopped') return [];
  return [{ kind: 'gateway', state }];
}

/** The rows under the gateway: what is wrong with it, then its servers. */
export function gatewayChildren(state: GatewayState): Node[] {
  const servers = 'servers' in state ? state.servers : [];
  return [...troubleOfGateway(state), ...servers.map((server): Node => ({ kind: 'server', server }))];
}

function troubleOfGateway(state: GatewayState): Node[] {
  const row = (trouble: Trouble, remedy: Remedy): Node[] => [
    { kind: 'trouble', owner: 'gateway', trouble, remedy },
  ];
  switch (state.status) {
    case 'failed':
      return row(state, { command: 'start' });
    case 'unhealthy':
      return row(state, { command: 'restart' });
    case 'unreachable':
      return row(state, { command: 'refresh' });
    case 'degraded':
      // A failed server has a row of its own; what concerns the gateway as a whole is its servers file.
      return state.gateway.problem
        ? row(
            { reason: state.gateway.problem.message, next: state.gateway.problem.step },
            { command: 'openServersFile' },
          )
        : [];
    default:
      return [];
  }
}

/** The rows under a server: why it failed, or the groups that have something. */
export function serverChildren(server: ServerReport): Node[] {
  const rows: Node[] = [];
  if (server.error) {
    const { message, step: next } = server.error;
    const remedy: Remedy = {
      command: server.state === 'failed' ? 'restartServer' : 'showServerLog',
      server: server.name,
    };
    rows.push({
      kind: 'trouble',
      owner: `server/${server.name}`,
      trouble: { reason: message, next },
      remedy,
    });
  }
  const { tools, resources, resourceTemplates, prompts } = server.counts;
  const groups: [Group, number][] = [
    ['tools', tools],
    ['resources', resources + resourceTemplates],
    ['prompts', prompts],
  ];
  for (const [group, count] of groups)
    if (count > 0 && server.state === 'ready')
      rows.push({ kind: 'group', server: server.name, group, count });
  return rows;
}

/** The name that Copy Name copies. */
export function nameOf(node: Node): string | undefined {
  switch (node.kind) {
    case 'server':
      return node.server.name;
    case 'tool':
    case 'prompt':
      return node.entry.name;
    case 'resource':
      return node.entry.uri;
    case 'template':
      return node.entry.uriTemplate;
    default:
      return undefined;
  }
}
