import { createHash } from 'node:crypto';
import type { ServerDefinition } from './schema';

/**
 * The fields of a definition that the gateway itself acts on, so that a change of them leaves the server's process as it
 * is. Every other field, those included that we do not know, is for the process.
 */
const gatewayFields: Readonly<Record<string, true>> = {
  description: true,
  enabled: true,
  tools: true,
  disabledTools: true,
  prefix: true,
  timeoutSeconds: true,
  rateLimit: true,
  concurrency: true,
  start: true,
  idleSeconds: true,
};

/** A hash of what a server's process is made of: definitions of one value need no other process, and show one catalogue. */
export function processHash(definition: ServerDefinition): string {
  const fields = Object.entries(definition).filter(
    // The tools of a REST API are what it is; elsewhere `tools` is a filter.
    ([key]) => gatewayFields[key] !== true || (key === 'tools' && definition.type === 'rest'),
  );
  return createHash('sha256')
    .update(JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
    .slice(0, 16);
}
