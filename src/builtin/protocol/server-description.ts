import type { Scope } from '../catalogue/scope';
import { gatewayInfo } from '../upstream/connection/gateway-info';

/** The capabilities of the gateway. Servers are added and removed at any time, so it declares all of them. */
const everything = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { subscribe: true, listChanged: true },
  completions: {},
  logging: {},
};

/** What a client learns about the servers of an endpoint in the handshake. */
export interface ServerDescription {
  capabilities: object;
  serverInfo: object;
  instructions?: string;
}

/** For one server these are its own capabilities and instructions. For several servers they are those of the gateway. */
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
