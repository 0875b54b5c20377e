import * as v from 'valibot';
import { ParseError, messageOf } from '../../platform/errors';
import { readTextIfExists, writeFileAtomic } from '../../platform/files';
import { serversSchema, type ServerDefinition } from '../../servers/schema';
import type { Switch } from './merge';

/** The changes that were made while the gateway was running. They survive a restart. */
export interface RuntimeChanges {
  servers: ReadonlyMap<string, ServerDefinition>;
  switches: readonly Switch[];
}

const schema = v.object({
  version: v.literal(1),
  servers: serversSchema,
  switches: v.array(v.object({ server: v.string(), tool: v.optional(v.string()), enabled: v.boolean() })),
});

/** Reads the file. Without a file there are no changes. Throws when the content is not valid. */
export async function readRuntimeChanges(file: string): Promise<RuntimeChanges> {
  const text = await readTextIfExists(file);
  if (text === undefined) return { servers: new Map(), switches: [] };
  try {
    const { servers, switches } = v.parse(schema, JSON.parse(text));
    return { servers: new Map(Object.entries(servers)), switches };
  } catch (error) {
    throw new ParseError(
      { file },
      messageOf(error),
      'Correct the file. Or delete it, and make the changes again.',
    );
  }
}

export async function writeRuntimeChanges(
  file: string,
  { servers, switches }: RuntimeChanges,
): Promise<void> {
  const document = { version: 1, servers: Object.fromEntries(servers), switches };
  await writeFileAtomic(file, `${JSON.stringify(document, undefined, 2)}\n`, { mode: 0o600 });
}
