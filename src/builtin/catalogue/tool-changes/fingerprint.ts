import { createHash } from 'node:crypto';
import type { Item } from '../../upstream/lists/read-list';

/** The members of a tool's definition that influence how a model uses it. */
export const watchedFields = ['title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;

export type WatchedField = (typeof watchedFields)[number];

/** A hash of the bytes of the definition, and one of the value of each watched member, independent of formatting. */
export interface Fingerprint {
  whole: string;
  fields: { [Field in WatchedField]?: string | undefined };
}

export function wholeHash({ bytes }: Item): string {
  return hash(bytes);
}

export function fingerprintOf(item: Item): Fingerprint {
  const definition: unknown = JSON.parse(item.bytes.toString('utf8'));
  const members = new Map(
    typeof definition === 'object' && definition !== null ? Object.entries(definition) : [],
  );
  const fields: Fingerprint['fields'] = {};
  for (const field of watchedFields)
    if (members.has(field)) fields[field] = hash(JSON.stringify(inOrder(members.get(field))));
  return { whole: wholeHash(item), fields };
}

/** The watched members that differ. */
export function differences(before: Fingerprint, after: Fingerprint): WatchedField[] {
  return watchedFields.filter((field) => before.fields[field] !== after.fields[field]);
}

function hash(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

/** The value with sorted object members, because their order has no meaning. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return members.map(([key, member]) => [key, inOrder(member)]);
}
