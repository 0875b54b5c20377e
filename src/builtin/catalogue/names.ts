import { createHash } from 'node:crypto';

/** The text between the server's name and the tool's name. */
const separator = '__';

/**
 * The maximum length of an exposed name. AI clients add the prefix `mcp__gateway__` (14 characters) and refuse more than 64.
 */
const maximumLength = 50;

const hashLength = 8;

/** Whether the names of tools and prompts start with the server's name. */
export type Prefix = 'always' | 'never';

/**
 * The name under which clients see a server's tool or prompt. It depends only on the two names, so adding a server never
 * renames the tools of another one. Characters that the specification does not allow become `_`. A name that was changed,
 * is too long, or could be mistaken for a name of another server ends with a hash of the original.
 */
export function exposedName(server: string, name: string, prefix: Prefix): string {
  const parts = prefix === 'always' ? [server, name] : [name];
  const plain = parts.join(separator);
  const clean = plain.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  // The server `a_` with the tool `b` would have the same name as the server `a` with the tool `_b`.
  const ambiguous = prefix === 'always' && server.endsWith('_');
  if (clean === plain && plain !== '' && plain.length <= maximumLength && !ambiguous) return plain;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hashLength);
  return `${clean.slice(0, maximumLength - hashLength - 1)}_${hash}`;
}
