import { toJsonSchema, type ConversionConfig, type JsonSchema } from '@valibot/to-json-schema';
import { serverByType, serversFileSchema } from './schema';

/** What an entry's `type` may be beside the standard words; with these it may also be left out. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  stdio: ['local'],
  http: ['streamable-http', 'streamableHttp'],
};

/** Checks by a function have no counterpart: names with `__` and two tools of one name are left to the gateway. */
const conversion: ConversionConfig = { typeMode: 'input', errorMode: 'ignore' };

/**
 * The JSON Schema (draft 7) of `servers.json` as people write it: fields with a default may be missing, and so may the
 * `type` that follows from `command` or `url`.
 */
export function serversJsonSchema(): object {
  const file = toJsonSchema(serversFileSchema, conversion);
  const server = toJsonSchema(serverByType, conversion);
  // Without its type an entry may fit two kinds, which is no mistake.
  const anyOf = (server.oneOf ?? []).map(asWritten);
  return {
    ...file,
    title: 'Servers behind the MCP gateway',
    properties: {
      ...file.properties,
      servers: table(file, 'servers'),
      mcpServers: table(file, 'mcpServers'),
    },
    definitions: { server: { anyOf } },
  };
}

function table(file: JsonSchema, key: string): JsonSchema {
  const own = file.properties?.[key];
  return { ...(typeof own === 'object' ? own : {}), additionalProperties: { $ref: '#/definitions/server' } };
}

function asWritten(entry: JsonSchema | boolean): JsonSchema | boolean {
  if (typeof entry === 'boolean') return entry;
  const type = entry.properties?.['type'];
  if (typeof type !== 'object') return entry;
  const standard = [type.const, ...(type.enum ?? [])].filter((word) => typeof word === 'string');
  const also = standard.flatMap((word) => spellings[word] ?? []);
  if (also.length === 0) return entry;
  return {
    ...entry,
    properties: { ...entry.properties, type: { type: 'string', enum: [...standard, ...also] } },
    required: (entry.required ?? []).filter((key) => key !== 'type'),
  };
}
