import { parseJsonc, parseServersFile } from './parse';
import type { ServerDefinition } from './schema';

/**
 * Reads servers from the value of an environment variable: a document like `servers.json`, or only its `servers` object.
 * Throws like {@link parseServersFile}. `source` is the name of the variable.
 */
export function parseEnvironmentServers(text: string, source: string): ReadonlyMap<string, ServerDefinition> {
  const { value } = parseJsonc(text, source);
  const whole = typeof value === 'object' && value !== null && ('servers' in value || 'mcpServers' in value);
  return parseServersFile(whole ? text : JSON.stringify({ servers: value }), source).servers;
}
