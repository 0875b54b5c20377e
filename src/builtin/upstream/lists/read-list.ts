import {
  elementsOf,
  isArray,
  isObject,
  memberNamed,
  membersOf,
  stringValue,
  type Span,
} from '../../../mcp-wire/json';
import { jsonObject, metaObject } from '../../../mcp-wire/params';
import type { RpcResponse } from '../../../mcp-wire/rpc-response';
import { lists, type ListKind } from '../../../mcp-wire/lists';

/** One tool, prompt, resource or template: its definition as the server sent it, and the place of its identity. */
export interface Item {
  identity: string;
  bytes: Buffer;
  /** The span of the identity's value in `bytes`. */
  at: Span;
}

/** Whether a tool has `readOnlyHint: true`. */
export function readOnlyHint({ bytes }: Item): boolean {
  const annotations = memberNamed(membersOf(bytes, 0), 'annotations');
  const hint =
    isObject(bytes, annotations) && memberNamed(membersOf(bytes, annotations.start), 'readOnlyHint');
  return hint ? bytes.toString('latin1', hint.start, hint.end) === 'true' : false;
}

/** What a list is read from: makes a request once the `_meta` members of its hop are known. */
export interface ListSource {
  request(
    method: string,
    params: (progressToken: number, meta: ReadonlyMap<string, string>) => Buffer | undefined,
    options: { signal: AbortSignal; timeoutMs: number },
  ): Promise<RpcResponse>;
}

const maximumPages = 1000;
const timeoutMs = 30_000;

/** Reads a whole list, page by page. The list is empty when the server does not support the method. */
export async function readList(source: ListSource, kind: ListKind, signal: AbortSignal): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: Buffer | undefined;
  for (let page = 0; page < maximumPages; page += 1) {
    const from = cursor;
    const answer = await source.request(lists[kind].method, (_token, meta) => pageParams(from, meta), {
      signal,
      timeoutMs,
    });
    if (answer.kind === 'error') {
      if (page === 0 && isMethodNotFound(answer.body)) return [];
      throw new Error(`The request ${lists[kind].method} failed: ${answer.body.toString('utf8', 0, 500)}`);
    }
    const members = membersOf(answer.body, 0);
    const list = memberNamed(members, lists[kind].key);
    if (!isArray(answer.body, list))
      throw new Error(`The response to ${lists[kind].method} has no "${lists[kind].key}".`);
    items.push(...itemsOf(answer.body, list, kind));
    const next = memberNamed(members, 'nextCursor');
    if (stringValue(answer.body, next) === undefined || !next) return items;
    const following = answer.body.subarray(next.start, next.end);
    // A server that returns the cursor of this same page has no other page.
    if (cursor?.equals(following) === true) return items;
    cursor = following;
  }
  throw new Error(`The response to ${lists[kind].method} has more than ${maximumPages} pages.`);
}

/** The entries of a list, copied out of the message. Entries without an identity are left out. */
function itemsOf(bytes: Buffer, list: Span, kind: ListKind): Item[] {
  const items = elementsOf(bytes, list.start).map((span) => itemAt(bytes, span, lists[kind].identity));
  return items.filter((item) => item !== undefined);
}

/** `undefined` for the first page in the legacy era, which needs no params. */
function pageParams(cursor: Buffer | undefined, meta: ReadonlyMap<string, string>): Buffer | undefined {
  if (!cursor && meta.size === 0) return undefined;
  return jsonObject([
    ...(cursor ? [Buffer.concat([Buffer.from('"cursor":'), cursor])] : []),
    ...(meta.size > 0 ? [Buffer.from(`"_meta":${metaObject(meta)}`)] : []),
  ]);
}

function itemAt(bytes: Buffer, span: Span, identity: string): Item | undefined {
  if (!isObject(bytes, span)) return undefined;
  const copy = Buffer.from(bytes.subarray(span.start, span.end));
  const at = memberNamed(membersOf(copy, 0), identity);
  const text = stringValue(copy, at);
  return at && text !== undefined
    ? { identity: text, bytes: copy, at: { start: at.start, end: at.end } }
    : undefined;
}

function isMethodNotFound(error: Buffer): boolean {
  const code = memberNamed(membersOf(error, 0), 'code');
  return code !== undefined && error.toString('utf8', code.start, code.end) === '-32601';
}
