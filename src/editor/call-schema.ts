import * as v from 'valibot';
import type { ToolEntry } from './catalogue';

type Schema = Readonly<Record<string, unknown>>;

const ObjectSchema = v.object({
  properties: v.optional(v.record(v.string(), v.unknown()), {}),
  required: v.optional(v.array(v.string()), []),
});
const Property = v.object({
  type: v.optional(v.union([v.string(), v.array(v.string())])),
  default: v.optional(v.unknown()),
  const: v.optional(v.unknown()),
  enum: v.optional(v.array(v.unknown())),
  examples: v.optional(v.array(v.unknown())),
});

/** The JSON Schema of a call's document, with the tool's own schema for its arguments. */
export function callSchema(tool: Pick<ToolEntry, 'name' | 'description' | 'inputSchema'>): Schema {
  const { $schema, ...input } = tool.inputSchema;
  return {
    ...($schema === undefined ? {} : { $schema }),
    type: 'object',
    required: ['tool', 'arguments'],
    properties: {
      $schema: { type: 'string' },
      tool: {
        const: tool.name,
        ...(tool.description === undefined ? {} : { description: tool.description }),
      },
      arguments: input,
    },
    additionalProperties: false,
  };
}

/** The required arguments with a first value each: the default, the only or first choice, an example, else an empty one. */
export function argumentSkeleton(schema: Schema): Record<string, unknown> {
  const parsed = v.safeParse(ObjectSchema, schema);
  if (!parsed.success) return {};
  const { properties, required } = parsed.output;
  return Object.fromEntries(required.map((name) => [name, firstValue(properties[name])]));
}

function firstValue(property: unknown): unknown {
  const parsed = v.safeParse(Property, property);
  if (!parsed.success) return null;
  const { type, enum: choices, examples } = parsed.output;
  for (const value of [parsed.output.default, parsed.output.const, choices?.[0], examples?.[0]])
    if (value !== undefined) return value;
  const only = Array.isArray(type) ? type[0] : type;
  if (only === 'object')
    return argumentSkeleton(v.is(v.record(v.string(), v.unknown()), property) ? property : {});
  return emptyValues[only ?? ''] ?? null;
}

const emptyValues: Readonly<Record<string, unknown>> = {
  string: '',
  number: 0,
  integer: 0,
  boolean: false,
  array: [],
};
