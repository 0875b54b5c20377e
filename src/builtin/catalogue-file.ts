import * as v from 'valibot';
import { itemsOf, listKinds, type Item, type ListKind } from './upstream/catalogue';
import type { Introduction } from './upstream/handshake';
import type { Catalogue } from './upstream/listings';
import { joined } from './merged-catalogue';
import { memberNamed, membersOf, wholeValue } from './wire/json';

/** What is known of a server without asking it. */
export interface KnownServer {
  introduction: Introduction;
  catalogue: Catalogue;
}

const version = 1;

const headSchema = v.object({
  version: v.literal(version),
  name: v.string(),
  introduction: v.object({
    era: v.optional(v.picklist(['legacy', 'modern']), 'legacy'),
    serverInfo: v.object({ name: v.string(), version: v.string() }),
    protocolVersion: v.string(),
    capabilities: v.array(v.string()),
    instructions: v.optional(v.string()),
    asks: v.optional(v.boolean()),
  }),
});

/** The text of a catalogue file: JSON in which every definition stands as the server sent it, byte for byte. */
export function catalogueBytes(name: string, { introduction, catalogue }: KnownServer): Buffer {
  const head = JSON.stringify({
    version,
    name,
    introduction: { ...introduction, capabilities: [...introduction.capabilities] },
  });
  const parts = listKinds.flatMap((kind) => [
    Buffer.from(`,\n"${kind}":[\n`),
    ...joined(catalogue[kind].map(({ bytes }) => bytes)),
    Buffer.from(']'),
  ]);
  return Buffer.concat([Buffer.from(head.slice(0, -1)), ...parts, Buffer.from('}\n')]);
}

/** Reads such a text. Throws when it is not JSON, of another version or about another server. */
export function parseCatalogue(bytes: Buffer, name: string): KnownServer {
  const members = membersOf(bytes, wholeValue(bytes).start);
  const text = (key: string): unknown => {
    const member = memberNamed(members, key);
    return member && JSON.parse(bytes.toString('utf8', member.start, member.end));
  };
  const head = v.parse(headSchema, {
    version: text('version'),
    name: text('name'),
    introduction: text('introduction'),
  });
  if (head.name !== name) throw new Error(`it is about the server "${head.name}"`);
  const read = (kind: ListKind): Item[] => {
    const list = memberNamed(members, kind);
    if (!list) throw new Error(`it has no "${kind}"`);
    return itemsOf(bytes, list, kind);
  };
  return {
    introduction: {
      ...head.introduction,
      capabilities: new Set(head.introduction.capabilities),
      instructions: head.introduction.instructions,
    },
    catalogue: {
      tools: read('tools'),
      prompts: read('prompts'),
      resources: read('resources'),
      resourceTemplates: read('resourceTemplates'),
    },
  };
}
