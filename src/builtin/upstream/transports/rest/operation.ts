import type { RestTool } from '../../../../servers/rest-schema';
import { bodyTemplate, namesIn, type BodyTemplate } from './body-template';
import { Template } from './template';

/** One tool, prepared for calls. */
export interface Operation {
  tool: RestTool;
  path: Template;
  params: readonly (readonly [string, Template])[];
  headers: readonly (readonly [string, Template])[];
  /** `rest` means an object of the arguments that are used nowhere else. */
  body: BodyTemplate | 'rest' | undefined;
}

/** Prepares a tool. `expand` fills in the variables in literal parts. It throws for a variable without a value. */
export function operationOf(tool: RestTool, expand: (text: string) => string): Operation {
  const templates = (record: Readonly<Record<string, string | number | boolean>>) =>
    Object.entries(record).map(
      ([key, value]) => [key, Template.parse(String(value)).mapLiterals(expand)] as const,
    );
  const takesBody = tool.method === 'POST' || tool.method === 'PUT' || tool.method === 'PATCH';
  const byDefault = takesBody ? 'rest' : undefined;
  return {
    tool,
    path: Template.parse(tool.path, true).mapLiterals(expand),
    params: templates(tool.params),
    headers: templates(tool.headers),
    body: tool.body === undefined ? byDefault : bodyTemplate(tool.body, expand),
  };
}

/** The arguments that are used in the path, the query and the headers. `undefined` among them means all. */
export function namesOutsideBody({ path, params, headers }: Operation): Set<string | undefined> {
  return new Set(
    [path, ...params.map(([, value]) => value), ...headers.map(([, value]) => value)].flatMap(
      (each) => each.names,
    ),
  );
}

/** The entry of `tools/list`. */
export function listed(operation: Operation): object {
  const { name, title, description, annotations, method, inputSchema } = operation.tool;
  const reads = method === 'GET' || method === 'HEAD';
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema: inputSchema ?? derivedSchema(operation),
    annotations: annotations ?? {
      readOnlyHint: reads,
      idempotentHint: reads || method === 'PUT' || method === 'DELETE',
    },
  };
}

/** The arguments that the templates of a tool use. `undefined` when it accepts any. */
export function acceptedNames(operation: Operation): ReadonlySet<string> | undefined {
  const { names, open } = namesUsed(operation);
  return open ? undefined : new Set(names);
}

/** `open` says whether other arguments are used too. `inside` are those whose type the body keeps. */
function namesUsed(operation: Operation): {
  names: string[];
  inside: readonly (string | undefined)[];
  open: boolean;
} {
  const { body } = operation;
  const outside = namesOutsideBody(operation);
  const inside = body === undefined || body === 'rest' ? [] : namesIn(body);
  return {
    names: [...new Set([...outside, ...inside])].filter((name) => name !== undefined),
    inside,
    open: body === 'rest' || outside.has(undefined) || inside.includes(undefined),
  };
}

function derivedSchema(operation: Operation): object {
  const { names, inside, open } = namesUsed(operation);
  const required = names.filter((name) => operation.path.names.includes(name));
  return {
    type: 'object',
    properties: Object.fromEntries(
      names.map((name) => [name, inside.includes(name) ? {} : { type: 'string' }]),
    ),
    ...(required.length > 0 && { required }),
    additionalProperties: open,
  };
}
