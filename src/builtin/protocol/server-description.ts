import type { Scope } from '../catalogue/scope';
import { gatewayInfo } from '../upstream/connection/gateway-info';

/** What the gateway offers; several servers come and go, so it is everything that any of them may have. */
const everything = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};

/** What a client is told of the servers of an end point. */
export interface ServerDescription {
  capabilities: object;
  serverInfo: object;
  instructions?: string;
}

/** Of one server it is what that server said of itself; of several it is the gateway. */
export function describeServers(scope: Scope): ServerDescription {
  const [only] = scope.prefixed ? [] : scope.servers;
  const declared = only?.declared;
  const capabilities = declared === undefined ? everything : own(declared);
  return { capabilities, serverInfo: gatewayInfo, ...instructions(scope) };
}

function own(declared: string): object {
  const value: unknown = JSON.parse(declared);
  return typeof value === 'object' && value !== null ? value : everything;
}

function instructions(scope: Scope): { instructions?: string } {
  const parts = scope.servers.flatMap(({ name, instructions: own }) =>
    own === undefined ? [] : [scope.prefixed ? `[${name}]\n${own}` : own],
  );
  return parts.length > 0 ? { instructions: parts.join('\n\n') } : {};
}
