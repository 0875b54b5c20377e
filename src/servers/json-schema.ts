import { toJsonSchema, type ConversionConfig, type JsonSchema } from '@valibot/to-json-schema';
import { serverByType, serversFileSchema } from './schema';

/** Other accepted spellings of an entry's `type`. These types may also be omitted. */
const spellings: Readonly<Record<string, readonly string[]>> = {
  stdio: ['local'],
  http: ['streamable-http', 'streamableHttp'],
};

/** JSON Schema cannot express checks by a function: the gateway itself refuses names with `__` and duplicate tool names. */
const conversion: ConversionConfig = { typeMode: 'input', errorMode: 'ignore' };

/**
 * The JSON Schema (draft 7) of `servers.json` as people write it: fields with a default may be missing, and so may a
 * `type` that `command` or `url` implies.
 */
export function serversJsonSchema(): object {
  const file = toJsonSchema(serversFileSchema, conversion);
  const server = toJsonSchema(serverByType, conversion);
  // An entry without a type may match two alternatives. That is not an error.
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
