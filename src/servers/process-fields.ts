import { createHash } from 'node:crypto';
import type { ServerDefinition } from './schema';

/**
 * The fields of a definition that only the gateway uses. When they change, the server's process keeps running. Every
 * other field, known to us or not, belongs to the process.
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

/** A hash of the fields that define a server's process. Definitions with the same hash share a process and a catalogue. */
export function processHash(definition: ServerDefinition): string {
  const fields = Object.entries(definition).filter(
    // For a REST API, `tools` defines the server. For other types it is a filter.
    ([key]) => gatewayFields[key] !== true || (key === 'tools' && definition.type === 'rest'),
  );
  return createHash('sha256')
    .update(JSON.stringify(fields.sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex')
    .slice(0, 16);
}
