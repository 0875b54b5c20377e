import { parseJsonc, parseServersFile } from './parse';
import type { ServerDefinition } from './schema';

/**
 * Reads the servers that stand in a variable: a document as in `servers.json`, or its `servers` alone. Throws as
 * {@link parseServersFile} does; `source` is the variable's name.
 */
export function parseEnvironmentServers(text: string, source: string): ReadonlyMap<string, ServerDefinition> {
  const { value } = parseJsonc(text, source);
  const whole = typeof value === 'object' && value !== null && ('servers' in value || 'mcpServers' in value);
  return parseServersFile(whole ? text : JSON.stringify({ servers: value }), source).servers;
}
