import { findNodeAtLocation, type Node } from 'jsonc-parser';
import * as v from 'valibot';
import { ParseError } from '../platform/errors';
import { parseJsoncTree, positionAt } from '../platform/jsonc/jsonc';
import { sentence } from '../platform/sentence';
import { defaultSettings } from './gateway-settings';
import { serversFileSchema, type ServersFile } from './schema';

/**
 * Reads the text of a `servers.json` (JSON with comments and trailing commas).
 * Throws a {@link ParseError} with file, line and column for broken JSON and for a value of the wrong shape.
 */
export function parseServersFile(text: string, file: string): ServersFile {
  const source = withoutMark(text);
  const { value, root } = parseJsonc(source, file);
  const result = v.safeParse(serversFileSchema, value, { abortEarly: true });
  if (!result.success) throw invalid(source, file, root, result.issues[0]);
  const { servers = {}, mcpServers = {}, gateway } = result.output;
  for (const name of Object.keys(servers)) {
    if (!Object.hasOwn(mcpServers, name)) continue;
    throw new ParseError(
      { file },
      `The server "${name}" is defined under both "servers" and "mcpServers".`,
      'Keep one of the two entries.',
    );
  }
  return {
    servers: new Map([...Object.entries(mcpServers), ...Object.entries(servers)]),
    kind: gateway?.kind ?? defaultSettings.kind,
    settings: gateway ?? defaultSettings,
  };
}

/** Parses JSON with comments. Throws a {@link ParseError} at the first mistake, and for the key `__proto__`. */
export function parseJsonc(text: string, file: string): { value: unknown; root: Node } {
  const source = withoutMark(text);
  const root = parseJsoncTree(source, file);
  const refuseKey = (key: Node): never => {
    throw new ParseError(
      { file, ...positionAt(source, key.offset) },
      `The key "${String(key.value)}" is not allowed.`,
    );
  };
  return { value: valueOf(root, refuseKey), root };
}

/** The text without a byte-order mark. */
function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

function valueOf(node: Node, refuseKey: (key: Node) => never): unknown {
  if (node.type === 'array') return (node.children ?? []).map((child) => valueOf(child, refuseKey));
  if (node.type !== 'object') return node.value as unknown;
  const entries = (node.children ?? []).map((property): [string, unknown] => {
    const [key, value] = property.children ?? [];
    if (key?.value === '__proto__') refuseKey(key);
    return [String(key?.value), value && valueOf(value, refuseKey)];
  });
  return Object.fromEntries(entries);
}

function invalid(text: string, file: string, root: Node, issue: v.BaseIssue<unknown>): ParseError {
  const path = (issue.path ?? [])
    .map((item) => item.key)
    .filter((key) => typeof key === 'string' || typeof key === 'number');
  let node: Node | undefined;
  for (let length = path.length; length >= 0 && !node; length -= 1)
    node = findNodeAtLocation(root, path.slice(0, length));
  const at = path.length > 0 ? `"${path.join('.')}": ` : '';
  return new ParseError({ file, ...positionAt(text, node?.offset ?? 0) }, sentence(`${at}${issue.message}`));
}
