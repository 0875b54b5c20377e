import type { ClientFace } from '../client/client';

export const modernVersion = '2026-07-28';

/** The reserved prefix of `_meta` keys; what stands under it belongs to one hop. */
export const hopPrefix = 'io.modelcontextprotocol/';

/** The members of `_meta` that every request of 2026-07-28 carries, as JSON. `logLevel`: a JSON string. */
export function envelopeMeta(face: ClientFace, logLevel?: string): Map<string, string> {
  const members = new Map([
    [`${hopPrefix}protocolVersion`, `"${modernVersion}"`],
    [`${hopPrefix}clientInfo`, face.info.toString()],
    [`${hopPrefix}clientCapabilities`, face.capabilities.toString()],
  ]);
  if (logLevel !== undefined) members.set(`${hopPrefix}logLevel`, logLevel);
  return members;
}
