import { splice } from '../../../mcp-wire/envelope';
import { isObject, memberNamed, membersOf } from '../../../mcp-wire/json';
import { jsonObject } from '../../../mcp-wire/params';
import type { ClientIdentity } from '../../client/client';
import { hopPrefix, modernVersion } from '../../../mcp-wire/modern-era';

/** The members of `_meta` that every request of 2026-07-28 has, as JSON. `logLevel` is a JSON string. */
export function envelopeMeta(identity: ClientIdentity, logLevel?: string): Map<string, string> {
  const members = new Map([
    [`${hopPrefix}protocolVersion`, `"${modernVersion}"`],
    [`${hopPrefix}clientInfo`, identity.info.toString()],
    [`${hopPrefix}clientCapabilities`, identity.capabilities.toString()],
  ]);
  if (logLevel !== undefined) members.set(`${hopPrefix}logLevel`, logLevel);
  return members;
}

const hopOnly = new Set([`${hopPrefix}serverInfo`, `${hopPrefix}subscriptionId`]);

/** The bytes of a result or of a notification's params, without the `_meta` keys that are only for the gateway. */
export function withoutHopMeta(body: Buffer): Buffer {
  const meta = memberNamed(membersOf(body, 0), '_meta');
  if (!isObject(body, meta)) return body;
  const members = membersOf(body, meta.start);
  const kept = members.filter(({ key }) => !hopOnly.has(key));
  if (kept.length === members.length) return body;
  const replacement = jsonObject(kept.map((member) => body.subarray(member.keyStart, member.end)));
  return splice(body, { start: 0, end: body.length }, [{ ...meta, replacement }]);
}
