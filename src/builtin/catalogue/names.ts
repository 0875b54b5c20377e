import { createHash } from 'node:crypto';

/** Between the server's name and the tool's. */
export const separator = '__';

/**
 * The longest name we show. AI clients put `mcp__gateway__` (14 characters) in front and refuse more than 64.
 */
const maximumLength = 50;

const hashLength = 8;

/** Whether the server's name stands in front of the names of its tools and prompts. */
export type Prefix = 'always' | 'never';

/**
 * The name under which a server's tool or prompt is shown. It depends on the two names alone, so that adding a server
 * never renames another's tools. Characters outside the specification's set become `_`; a name that had to be changed, is
 * too long, or could be read as one of another server, ends in a hash of the original.
 */
export function exposedName(server: string, name: string, prefix: Prefix): string {
  const parts = prefix === 'always' ? [server, name] : [name];
  const plain = parts.join(separator);
  const clean = plain.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  // `a_` with the tool `b` would be what `a` is with the tool `_b`.
  const ambiguous = prefix === 'always' && server.endsWith('_');
  if (clean === plain && plain !== '' && plain.length <= maximumLength && !ambiguous) return plain;
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hashLength);
  return `${clean.slice(0, maximumLength - hashLength - 1)}_${hash}`;
}
