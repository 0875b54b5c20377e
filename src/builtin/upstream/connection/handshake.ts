import type { ClientIdentity, Era } from '../../client/client';
import { isObject, memberNamed, membersOf, stringValue, type Member } from '../../../mcp-wire/json';
import { hopPrefix, modernVersion } from '../../../mcp-wire/modern-era';
import { metaObject } from '../../../mcp-wire/params';
import { envelopeMeta } from './envelope-meta';
import type { Peer } from './peer';

/** What a server said about itself in the handshake: the result of `initialize` or `server/discover`. */
export interface HandshakeResult {
  era: Era;
  serverInfo: { name: string; version: string };
  protocolVersion: string;
  /** The keys of its capabilities, and `key.option` for each option that is true. */
  capabilities: ReadonlySet<string>;
  /** Its capabilities as JSON, unchanged. */
  declared?: string | undefined;
  instructions: string | undefined;
  /** Whether it has sent a request to its client before. */
  sendsRequests?: boolean | undefined;
}

/** A server answered `initialize` with an error. */
export class InitializeRefusedError extends Error {}

const timeoutMs = 60_000;
const requestedVersion = '2025-11-25';

/** Does the handshake of the legacy era on a new connection. Throws when the server refuses or does not answer. */
export async function initialize(
  peer: Peer,
  identity: ClientIdentity,
  signal: AbortSignal,
): Promise<HandshakeResult> {
  const params = Buffer.from(
    `{"protocolVersion":"${requestedVersion}","capabilities":${identity.capabilities.toString()},"clientInfo":${identity.info.toString()}}`,
  );
  const answer = await peer.request('initialize', () => params, { signal, timeoutMs });
  if (answer.kind === 'error')
    throw new InitializeRefusedError(
      `The server refused "initialize": ${answer.body.toString('utf8', 0, 500)}`,
    );
  const members = membersOf(answer.body, 0);
  const version = stringValue(answer.body, memberNamed(members, 'protocolVersion')) ?? requestedVersion;
  const info = memberNamed(members, 'serverInfo');
  peer.transport.negotiated(version);
  peer.notify('notifications/initialized');
  return { era: 'legacy', protocolVersion: version, ...described(answer.body, members, info, peer.name) };
}

/** Does the handshake with a server of 2026-07-28. Throws when it refuses or does not answer. */
export async function discover(
  peer: Peer,
  identity: ClientIdentity,
  signal: AbortSignal,
): Promise<HandshakeResult> {
  peer.transport.negotiated(modernVersion);
  const params = Buffer.from(`{"_meta":${metaObject(envelopeMeta(identity))}}`);
  const answer = await peer.request('server/discover', () => params, { signal, timeoutMs });
  if (answer.kind === 'error')
    throw new Error(`The server refused "server/discover": ${answer.body.toString('utf8', 0, 500)}`);
  const members = membersOf(answer.body, 0);
  const meta = memberNamed(members, '_meta');
  const info = isObject(answer.body, meta)
    ? memberNamed(membersOf(answer.body, meta.start), `${hopPrefix}serverInfo`)
    : undefined;
  return {
    era: 'modern',
    protocolVersion: modernVersion,
    ...described(answer.body, members, info ?? memberNamed(members, 'serverInfo'), peer.name),
  };
}

function described(
  body: Buffer,
  members: readonly Member[],
  info: Member | undefined,
  name: string,
): Pick<HandshakeResult, 'serverInfo' | 'capabilities' | 'declared' | 'instructions'> {
  const capabilities = memberNamed(members, 'capabilities');
  const infoMembers = isObject(body, info) ? membersOf(body, info.start) : [];
  return {
    serverInfo: {
      name: stringValue(body, memberNamed(infoMembers, 'name')) ?? name,
      version: stringValue(body, memberNamed(infoMembers, 'version')) ?? '',
    },
    capabilities: new Set(capabilityKeys(body, capabilities)),
    declared: capabilities && body.toString('utf8', capabilities.start, capabilities.end),
    instructions: stringValue(body, memberNamed(members, 'instructions')),
  };
}

function capabilityKeys(body: Buffer, capabilities: Member | undefined): string[] {
  if (!isObject(body, capabilities)) return [];
  return membersOf(body, capabilities.start).flatMap((capability) => {
    const options: readonly Member[] = isObject(body, capability) ? membersOf(body, capability.start) : [];
    const on = options.filter((option) => body.toString('latin1', option.start, option.end) === 'true');
    return [capability.key, ...on.map((option) => `${capability.key}.${option.key}`)];
  });
}
