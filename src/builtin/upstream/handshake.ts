import { version } from '../../platform/version';
import { isObject, memberNamed, membersOf, stringValue } from '../wire/json';
import type { Peer } from './peer';

/** What a server said about itself when the session was opened. */
export interface Introduction {
  serverInfo: { name: string; version: string };
  protocolVersion: string;
  /** The keys of the capabilities that it declared. */
  capabilities: ReadonlySet<string>;
  instructions: string | undefined;
}

const timeoutMs = 60_000;
const requestedVersion = '2025-11-25';

const request = Buffer.from(
  JSON.stringify({
    protocolVersion: requestedVersion,
    capabilities: {},
    clientInfo: { name: 'devcontainer-mcp', title: 'MCP Gateway for Dev Containers', version },
  }),
);

/** Opens a session of the legacy era on a new connection. Throws when the server refuses or does not answer. */
export async function introduce(peer: Peer, signal: AbortSignal): Promise<Introduction> {
  const answer = await peer.request('initialize', () => request, { signal, timeoutMs });
  if (answer.kind === 'error')
    throw new Error(`refused to initialize: ${answer.body.toString('utf8', 0, 500)}`);
  const introduction = read(answer.body, peer.name);
  peer.channel.negotiated(introduction.protocolVersion);
  peer.notify('notifications/initialized');
  return introduction;
}

function read(body: Buffer, name: string): Introduction {
  const members = membersOf(body, 0);
  const capabilities = memberNamed(members, 'capabilities');
  const info = memberNamed(members, 'serverInfo');
  const infoMembers = isObject(body, info) ? membersOf(body, info.start) : [];
  return {
    serverInfo: {
      name: stringValue(body, memberNamed(infoMembers, 'name')) ?? name,
      version: stringValue(body, memberNamed(infoMembers, 'version')) ?? '',
    },
    protocolVersion: stringValue(body, memberNamed(members, 'protocolVersion')) ?? requestedVersion,
    capabilities: new Set(
      isObject(body, capabilities) ? membersOf(body, capabilities.start).map((member) => member.key) : [],
    ),
    instructions: stringValue(body, memberNamed(members, 'instructions')),
  };
}
