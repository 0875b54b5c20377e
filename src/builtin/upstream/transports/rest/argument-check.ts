import type { ErrorObject } from 'ajv/dist/2020';
import { membersOf } from '../../../../mcp-wire/json';
import { acceptedNames, type Operation } from './operation';
import type { Arguments } from './template';

/** Tells what is wrong with the arguments of a call, in words; `undefined` when nothing is. */
export type ArgumentCheck = (args: Arguments) => string | undefined;

/** What is told of one call: a tool that is called wrongly needs no longer list. */
const maximumProblems = 10;

/**
 * Makes the check of a tool's arguments: against its input schema (JSON Schema 2020-12, formats aside) where it has one,
 * else against the names that its templates use. Rejects for a schema that cannot be used.
 */
export async function argumentCheck(operation: Operation): Promise<ArgumentCheck> {
  const { inputSchema } = operation.tool;
  return inputSchema ? await schemaCheck(inputSchema) : nameCheck(acceptedNames(operation));
}

/** Any value has a text, so that only a name can be wrong. What is missing is found by whoever needs it. */
function nameCheck(accepted: ReadonlySet<string> | undefined): ArgumentCheck {
  if (!accepted) return () => undefined;
  const takes = accepted.size === 0 ? 'none' : [...accepted].join(', ');
  return ({ bytes, span }) => {
    const unknown = span && membersOf(bytes, span.start).find(({ key }) => !accepted.has(key));
    return unknown && `there is no argument "${unknown.key}"; the tool takes ${takes}`;
  };
}

/** The validator is as large as half the gateway: it is loaded by the first tool that needs it. */
async function schemaCheck(schema: Record<string, unknown>): Promise<ArgumentCheck> {
  const { Ajv2020 } = await import('ajv/dist/2020');
  const validator = new Ajv2020({
    strict: false,
    // What is too large for a number here is one for the API.
    strictNumbers: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
    // A schema that cannot be used is found when it is compiled; it is that of one tool alone.
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
  });
  const validate = validator.compile(schema);
  return (args) => {
    const value: unknown = args.span ? JSON.parse(args.raw(args.span)) : {};
    if (validate(value)) return undefined;
    return (validate.errors ?? []).slice(0, maximumProblems).map(problemOf).join('; ');
  };
}

function problemOf({ instancePath, keyword, params, message = 'is not allowed' }: ErrorObject): string {
  const path = instancePath.split('/').slice(1).map(unescaped);
  const named = (name: unknown): string => `"${[...path, String(name)].join('.')}"`;
  if (keyword === 'required') return `the argument ${named(params['missingProperty'])} is missing`;
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return `there is no argument ${named(params['additionalProperty'] ?? params['unevaluatedProperty'])}`;
  const whom = path.length === 0 ? 'the arguments' : `the argument "${path.join('.')}"`;
  const allowed = keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  return `${whom} ${message}${allowed}`;
}

/** A segment of a JSON pointer as the name that it stands for. */
function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
