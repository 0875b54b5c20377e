import vm from 'node:vm';
import type { ErrorObject } from 'ajv/dist/2020';
import { membersOf } from '../../../../mcp-wire/json';
import { acceptedNames, type Operation } from './operation';
import type { Arguments } from './template';

/** Returns the problems with the arguments of a call as text. `undefined` when there are none. */
export type ArgumentCheck = (args: Arguments) => string | undefined;

/** The maximum number of problems that are reported for one call. */
const maximumProblems = 10;

/**
 * Creates the check of a tool's arguments: against its input schema (JSON Schema 2020-12, without formats) if it has one,
 * otherwise against the names in its templates. Rejects when the schema cannot be used.
 */
export async function argumentCheck(operation: Operation): Promise<ArgumentCheck> {
  const { inputSchema } = operation.tool;
  return inputSchema ? await schemaCheck(inputSchema) : nameCheck(acceptedNames(operation));
}

/** Checks only the names, because every value can become text. Missing arguments are found when the request is created. */
function nameCheck(accepted: ReadonlySet<string> | undefined): ArgumentCheck {
  if (!accepted) return () => undefined;
  const takes =
    accepted.size === 0
      ? 'The tool has no arguments.'
      : `The arguments of the tool are: ${[...accepted].join(', ')}.`;
  return ({ bytes, span }) => {
    const unknown = span && membersOf(bytes, span.start).find(({ key }) => !accepted.has(key));
    return unknown && `There is no argument "${unknown.key}". ${takes}`;
  };
}

/** The validator is half as large as the gateway, so it is loaded only when the first tool needs it. */
async function schemaCheck(schema: Record<string, unknown>): Promise<ArgumentCheck> {
  const { Ajv2020 } = await import('ajv/dist/2020');
  const validator = new Ajv2020({
    strict: false,
    // A number that is too large for JavaScript can be valid for the API.
    strictNumbers: false,
    allErrors: true,
    validateFormats: false,
    logger: false,
    // Compiling finds a schema that cannot be used. Each schema belongs to one tool only.
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
  });
  const validate = validator.compile(schema);
  const isValid = canTakeLong.test(JSON.stringify(schema)) ? inTime(validate) : validate;
  return (args) => {
    const value: unknown = args.span ? JSON.parse(args.raw(args.span)) : {};
    try {
      if (isValid(value)) return undefined;
    } catch (error) {
      if (!isTimeout(error)) throw error;
      return `The arguments could not be checked against the input schema of the tool within ${longestMs} ms. A pattern of the schema takes too long for them.`;
    }
    return (validate.errors ?? []).slice(0, maximumProblems).map(problemOf).join(' ');
  };
}

/** Everything else in a schema takes time that is proportional to the arguments. */
const canTakeLong = /"(?:pattern|patternProperties|uniqueItems)":/;

/** The longest time that a check may take, because nothing else happens meanwhile. */
const longestMs = 50;

/**
 * Ends a check that takes too long. The patterns of a schema come from whoever wrote the servers file, and the time of some
 * grows exponentially with the text. Only `vm` can end the search of a pattern.
 */
function inTime(validate: (value: unknown) => boolean): (value: unknown) => boolean {
  const script = new vm.Script('validate(value)');
  const context: { validate: typeof validate; value?: unknown } = { validate };
  vm.createContext(context);
  return (value) => {
    context.value = value;
    try {
      return script.runInContext(context, { timeout: longestMs }) === true;
    } finally {
      delete context.value;
    }
  };
}

/** The error of `vm` belongs to the other context, so it is no `Error` of this one. */
function isTimeout(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
  );
}

function problemOf({ instancePath, keyword, params, message = 'is not allowed' }: ErrorObject): string {
  const path = instancePath.split('/').slice(1).map(unescaped);
  const named = (name: unknown): string => `"${[...path, String(name)].join('.')}"`;
  if (keyword === 'required') return `The argument ${named(params['missingProperty'])} is missing.`;
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return `There is no argument ${named(params['additionalProperty'] ?? params['unevaluatedProperty'])}.`;
  const subject = path.length === 0 ? 'The arguments' : `The argument "${path.join('.')}"`;
  const allowed = keyword === 'enum' ? `: ${JSON.stringify(params['allowedValues'])}` : '';
  return `${subject} ${message}${allowed}.`;
}

/** Decodes a segment of a JSON pointer. */
function unescaped(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
