import * as v from 'valibot';
import {
  elementsOf,
  isArray,
  isObject,
  memberNamed,
  membersOf,
  stringValue,
  type Span,
} from '../../../mcp-wire/json';
import { headerValue } from '../../../mcp-wire/header-value';

/** An argument that is repeated in a header. */
export interface Declaration {
  header: string;
  /** The path of property names to the argument. */
  path: readonly string[];
}

const marker = 'x-mcp-header';
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const node = v.looseObject({
  [marker]: v.optional(v.unknown()),
  properties: v.optional(v.record(v.string(), v.unknown())),
});

/** The `Mcp-Param-…` headers of 2026-07-28 (SEP-2243), which repeat the arguments that a tool's schema marks. */
export class ParamHeaders {
  readonly #declared = new Map<string, readonly Declaration[]>();

  /** Reads the marks from the response to `tools/list`. Ignores a response that cannot be read. */
  learn(answer: Buffer): void {
    if (!answer.includes(marker)) return;
    try {
      this.#learnAll(answer);
    } catch {
      // The reader of the message reports it.
    }
  }

  /** The headers of a `tools/call`. Arguments that are absent, or are not a string, number or boolean, have no header. */
  of(request: Buffer, tool: string | undefined): Record<string, string> {
    const declared = this.#declared.get(tool ?? '');
    if (!declared) return {};
    const params = memberNamed(membersOf(request, 0), 'params');
    const headers = declared.flatMap(({ header, path }): [string, string][] => {
      const text = textOf(request, find(request, params, ['arguments', ...path]));
      return text === undefined ? [] : [[`mcp-param-${header}`, headerValue(text)]];
    });
    return Object.fromEntries(headers);
  }

  #learnAll(answer: Buffer): void {
    const result = memberNamed(membersOf(answer, 0), 'result');
    const tools = isObject(answer, result)
      ? memberNamed(membersOf(answer, result.start), 'tools')
      : undefined;
    for (const tool of isArray(answer, tools) ? elementsOf(answer, tools.start) : [])
      this.#learnTool(answer, tool);
  }

  #learnTool(answer: Buffer, tool: Span): void {
    const members = isObject(answer, tool) ? membersOf(answer, tool.start) : [];
    const name = stringValue(answer, memberNamed(members, 'name'));
    const schema = memberNamed(members, 'inputSchema');
    if (name === undefined || !schema) return;
    const declarations = declarationsIn(JSON.parse(answer.toString('utf8', schema.start, schema.end)), []);
    if (declarations.length > 0) this.#declared.set(name, declarations);
    else this.#declared.delete(name);
  }
}

const none: readonly Declaration[] = [];
const known = new WeakMap<Buffer, readonly Declaration[]>();

/** The arguments of a tool that headers repeat. Cached as long as the bytes of the definition exist. */
export function declarationsOf(tool: Buffer): readonly Declaration[] {
  const before = known.get(tool);
  if (before) return before;
  const schema = tool.includes(marker) ? memberNamed(membersOf(tool, 0), 'inputSchema') : undefined;
  const found = schema
    ? declarationsIn(JSON.parse(tool.toString('utf8', schema.start, schema.end)), [])
    : none;
  known.set(tool, found);
  return found;
}

/** The text of the argument at a path for a header. `undefined` when it has no header. */
export function argumentText(
  bytes: Buffer,
  args: Span | undefined,
  path: readonly string[],
): string | undefined {
  return textOf(bytes, find(bytes, args, path));
}

/** Finds the marks that can be reached only through `properties`. Others do not count. */
function declarationsIn(schema: unknown, path: readonly string[]): Declaration[] {
  const parsed = v.safeParse(node, schema);
  if (!parsed.success) return [];
  const { [marker]: header, properties = {} } = parsed.output;
  const own = typeof header === 'string' && token.test(header) && path.length > 0 ? [{ header, path }] : [];
  return [
    ...own,
    ...Object.entries(properties).flatMap(([key, child]) => declarationsIn(child, [...path, key])),
  ];
}

function find(bytes: Buffer, from: Span | undefined, path: readonly string[]): Span | undefined {
  return path.reduce<Span | undefined>(
    (at, key) => (isObject(bytes, at) ? memberNamed(membersOf(bytes, at.start), key) : undefined),
    from,
  );
}

function textOf(bytes: Buffer, span: Span | undefined): string | undefined {
  if (!span) return undefined;
  const value: unknown = JSON.parse(bytes.toString('utf8', span.start, span.end));
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  const isExact = typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value));
  return isExact && Number.isFinite(value) ? String(value) : undefined;
}
