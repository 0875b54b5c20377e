import { createHash } from 'node:crypto';

/** Between the server's name and the tool's. */
export const separator = '__';

/**
 * The longest name we show. AI clients put `mcp__gateway__` (14 characters) in front and refuse more than 64.
 */
const maximumLength = 50;

/**
 * The name under which a server's tool or prompt is shown. It depends on the two names alone, so that adding a server
 * never renames another's tools. Characters outside the specification's set become `_`; a name that had to be changed or
 * is too long ends in a hash of the original.
 */
export function exposedName(server: string, name: string, prefix: 'always' | 'never'): string {
  const plain = prefix === 'always' ? `${server}${separator}${name}` : name;
  const clean = plain.replaceAll(/[^A-Za-z0-9_.-]/g, '_');
  if (clean === plain && plain.length <= maximumLength) return plain;
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 8);
  return `${clean.slice(0, maximumLength - hash.length - 1)}_${hash}`;
}
