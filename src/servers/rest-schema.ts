import * as v from 'valibot';
import { restHeaderName, restHeaders } from './rest-headers';

const scalar = v.union([v.string(), v.number(), v.boolean()]);
const jsonObject = v.record(v.string(), v.unknown());

const auth = v.variant('type', [
  v.object({ type: v.literal('bearer'), token: v.string() }),
  v.object({ type: v.literal('basic'), username: v.string(), password: v.string() }),
  v.object({
    type: v.literal('apiKey'),
    name: v.string(),
    value: v.string(),
    in: v.optional(v.picklist(['header', 'query']), 'header'),
  }),
  v.object({ type: v.literal('header'), name: restHeaderName, value: v.string() }),
]);

const tool = v.looseObject({
  name: v.pipe(
    v.string(),
    v.regex(/^[A-Za-z0-9_.-]{1,64}$/, 'A tool name must have 1-64 characters of A-Z a-z 0-9 _ . -'),
  ),
  title: v.optional(v.string()),
  description: v.optional(v.string()),
  annotations: v.optional(jsonObject),
  method: v.optional(v.picklist(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']), 'GET'),
  path: v.optional(v.pipe(v.string(), v.regex(/^(\/|$)/, 'The path must start with "/".')), ''),
  params: v.optional(v.record(v.string(), scalar), {}),
  headers: v.optional(restHeaders, {}),
  /** A JSON value or a text with placeholders. The default is an object of the arguments that are used nowhere else. */
  body: v.optional(v.unknown()),
  /** The JSON Schema of the arguments. The default is derived from the placeholders. */
  inputSchema: v.optional(jsonObject),
  timeoutSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(86_400)), 30),
});

/** A REST API described as tools. Placeholders: `{{args.name}}` anywhere, `{name}` in a path. */
export const restFields = {
  type: v.literal('rest'),
  baseUrl: v.pipe(v.string(), v.regex(/^(https?:\/\/|\$\{)/, 'The URL must start with http:// or https://')),
  headers: v.optional(restHeaders, {}),
  auth: v.optional(auth),
  tools: v.pipe(
    v.array(tool),
    v.check(
      (tools) => new Set(tools.map(({ name }) => name)).size === tools.length,
      'Two tools have the same name.',
    ),
  ),
};

export type RestTool = v.InferOutput<typeof tool>;
export type RestAuth = v.InferOutput<typeof auth>;
