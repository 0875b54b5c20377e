import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { type Item } from '../upstream/lists/read-list';
import { listKinds } from '../../mcp-wire/lists';
import type { HandshakeResult } from '../upstream/connection/handshake';
import type { ServerLists } from '../upstream/lists/listings';

/** What the cache stores of a server. */
export interface CachedServer {
  handshake: HandshakeResult;
  catalogue: ServerLists;
}

const version = 1;

const offset = v.pipe(v.number(), v.integer(), v.minValue(0));

/** The identity of an entry, the length of its definition in bytes, and the span of the identity's value in it. */
const entry = v.tuple([v.string(), offset, offset, offset]);
const entries = v.array(entry);

const headSchema = v.object({
  version: v.literal(version),
  name: v.string(),
  /** The hash of everything after the first line. */
  hash: v.string(),
  introduction: v.object({
    era: v.optional(v.picklist(['legacy', 'modern']), 'legacy'),
    serverInfo: v.object({ name: v.string(), version: v.string() }),
    protocolVersion: v.string(),
    capabilities: v.array(v.string()),
    instructions: v.optional(v.string()),
    declared: v.optional(v.string()),
    asks: v.optional(v.boolean()),
  }),
  lists: v.object({ tools: entries, prompts: entries, resources: entries, resourceTemplates: entries }),
});

/**
 * The bytes of a catalogue file: one line of JSON that describes the rest, then every definition, byte for byte as the
 * server sent it. Reading a file does not parse the definitions, because it happens before the first request.
 */
export function catalogueBytes(name: string, { handshake, catalogue }: CachedServer): Buffer {
  const body = Buffer.concat(listKinds.flatMap((kind) => catalogue[kind].map(({ bytes }) => bytes)));
  const listed = listKinds.map((kind) => [
    kind,
    catalogue[kind].map(({ identity, bytes, at }) => [identity, bytes.length, at.start, at.end]),
  ]);
  const { sendsRequests, ...introduction } = handshake;
  const head = {
    version,
    name,
    hash: hashOf(body),
    introduction: { ...introduction, asks: sendsRequests, capabilities: [...introduction.capabilities] },
    lists: Object.fromEntries(listed) as unknown,
  };
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), body]);
}

/** Reads a catalogue file. Throws when it is damaged, has another version, or belongs to another server. */
export function parseCatalogue(bytes: Buffer, name: string): CachedServer {
  const end = bytes.indexOf(0x0a);
  const head = v.parse(headSchema, JSON.parse(bytes.toString('utf8', 0, Math.max(0, end))));
  const body = bytes.subarray(end + 1);
  if (head.name !== name) throw new Error(`It belongs to the server "${head.name}".`);
  if (head.hash !== hashOf(body)) throw new Error('Its content is damaged: the hash does not match.');
  let at = 0;
  const read = (list: v.InferOutput<typeof entries>): Item[] =>
    list.map(([identity, length, start, stop]) => {
      const item = { identity, bytes: body.subarray(at, at + length), at: { start, end: stop } };
      at += length;
      return item;
    });
  const { tools, prompts, resources, resourceTemplates } = head.lists;
  const { asks, ...introduction } = head.introduction;
  return {
    handshake: {
      ...introduction,
      sendsRequests: asks,
      capabilities: new Set(introduction.capabilities),
      instructions: introduction.instructions,
    },
    // In the order of `listKinds`, which is the order in the file.
    catalogue: {
      tools: read(tools),
      prompts: read(prompts),
      resources: read(resources),
      resourceTemplates: read(resourceTemplates),
    },
  };
}

function hashOf(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
