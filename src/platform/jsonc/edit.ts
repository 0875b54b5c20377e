import { findNodeAtLocation, getNodeValue, type JSONPath, type Node, parseTree } from 'jsonc-parser';
import { deepEqual, detectFormatting } from './jsonc';

/*
 * The `modify` function of jsonc-parser reformats the text around an insertion and moves comments. These edits change
 * only the inserted or removed text and its comma, so that removing a value exactly undoes adding it.
 */

interface Container {
  node: Node;
  children: readonly Node[];
}

/** Sets one value of an object and creates missing parent objects. Changes no byte when the value is already there. */
export function setJsonValue(text: string, path: JSONPath, value: unknown): string {
  const root = parse(text);
  const current = findNodeAtLocation(root, path);
  if (current !== undefined) {
    if (deepEqual(getNodeValue(current), value)) return text;
    const rendered = render(value, text, indentOfLine(text, current.offset), !isMultiline(current, text));
    return splice(text, current.offset, endOf(current), rendered);
  }
  const [missing, parent] = deepestParent(root, path);
  const [key = '', ...rest] = missing;
  const nested = rest.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
  return insertLast(text, parent, (indent, inline) => {
    return `${JSON.stringify(String(key))}:${inline && text.includes('":"') ? '' : ' '}${render(nested, text, indent, inline)}`;
  });
}

/** Adds an element to the end of an array. */
export function appendJsonElement(text: string, path: JSONPath, value: unknown): string {
  const node = findNodeAtLocation(parse(text), path);
  if (node?.type !== 'array') return text;
  return insertLast(text, node, (indent, inline) => render(value, text, indent, inline));
}

/** Removes a property or an array element with its comma and its line. Changes nothing when the path does not exist. */
export function removeJsonValue(text: string, path: JSONPath): string {
  const found = findNodeAtLocation(parse(text), path);
  const node = found?.parent?.type === 'property' ? found.parent : found;
  const parent = node?.parent;
  if (node === undefined || parent === undefined) return text;
  const { children } = containerOf(parent);
  const index = children.indexOf(node);
  const before = children[index - 1];
  const commaAfter = commaBetween(text, endOf(node), children[index + 1]?.offset ?? endOf(parent) - 1);
  const end = commaAfter === undefined ? endOf(node) : commaAfter + 1;
  const from = before === undefined ? parent.offset : endOf(before);
  let result = removeSpan(text, { from, start: node.offset, end });
  if (commaAfter === undefined && before !== undefined) {
    const comma = commaBetween(text, endOf(before), node.offset);
    if (comma !== undefined) result = splice(result, comma, comma + 1, '');
  }
  return children.length === 1 ? collapse(result, parent.offset) : result;
}

/** Removes an item and the line break before it. `from` is the end of the text before the item. */
function removeSpan(
  text: string,
  { from, start, end }: { from: number; start: number; end: number },
): string {
  let blanks = start;
  while (blanks > 0 && /[\t ]/.test(text.charAt(blanks - 1))) blanks -= 1;
  const line = text.slice(0, blanks).search(/(?:\r\n|\r|\n)?$/);
  if (line === blanks || mayJoin(text, { from, line, end })) return splice(text, line, end, '');
  return splice(text, start, end + (/^[\t ]*/.exec(text.slice(end))?.[0].length ?? 0), '');
}

/** Whether the rest of the item's line can move to the line above. A sibling stays, and nothing may end up in a comment. */
function mayJoin(text: string, { from, line, end }: { from: number; line: number; end: number }): boolean {
  const rest = /^[^\r\n]*/.exec(text.slice(end))?.[0].replace(/^(?:[\t ]|\/\*(?:(?!\*\/).)*\*\/)*/, '') ?? '';
  if (rest === '' || rest.startsWith('//')) return true;
  const comments = [...text.slice(from, line).matchAll(/\/\/[^\r\n]*|\/\*[\s\S]*?(?:\*\/|$)/g)];
  const last = comments.at(-1);
  const openComment = last?.[0].startsWith('//') === true && from + last.index + last[0].length === line;
  return !openComment && /^(?:\/\*|[\]}])/.test(rest);
}

/** Whether the path leads to an object or array that is empty and holds no comment. */
export function isEmptyJson(text: string, path: JSONPath): boolean {
  const node = findNodeAtLocation(parse(text), path);
  return node !== undefined && /^[[{]\s*[\]}]$/.test(text.slice(node.offset, endOf(node)));
}

function parse(text: string): Node {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  if (tree === undefined) throw new TypeError('An empty text cannot be edited.');
  return tree;
}

function deepestParent(root: Node, path: JSONPath): [JSONPath, Node] {
  for (let length = path.length - 1; length >= 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (node?.type === 'object') return [path.slice(length), node];
    if (node !== undefined) break;
  }
  throw new TypeError(`"${path.slice(0, -1).join('.')}" is not an object.`);
}

function insertLast(text: string, parent: Node, make: (indent: string, inline: boolean) => string): string {
  const { children } = containerOf(parent);
  const last = children.at(-1);
  const { eol } = detectFormatting(text);
  if (last === undefined) return insertFirst(text, parent, make);
  const inline = !/[\r\n]/.test(text.slice(parent.offset, last.offset));
  const end = endOf(parent) - 1;
  const comma = commaBetween(text, endOf(last), end);
  const after = comma === undefined ? endOf(last) : comma + 1;
  const indent = indentOfLine(text, last.offset);
  const item = make(indent, inline);
  if (inline) {
    const space = text.slice(parent.offset, end).includes(', ') || children.length === 1 ? ' ' : '';
    const added = comma === undefined ? `,${space}${item}` : `${space}${item},`;
    return splice(text, after, after, added);
  }
  const line = endOfLineContent(text, after, end);
  const inserted = splice(text, line, line, `${eol}${indent}${item}${comma === undefined ? '' : ','}`);
  return comma === undefined ? splice(inserted, endOf(last), endOf(last), ',') : inserted;
}

function insertFirst(text: string, parent: Node, make: (indent: string, inline: boolean) => string): string {
  const { eol } = detectFormatting(text);
  const base = indentOfLine(text, parent.offset);
  const indent = base + unitOf(text);
  const end = endOf(parent) - 1;
  const inside = text.slice(parent.offset + 1, end);
  const kept = inside.trimEnd();
  return splice(text, parent.offset + 1, end, `${kept}${eol}${indent}${make(indent, false)}${eol}${base}`);
}

function containerOf(node: Node): Container {
  return { node, children: node.children ?? [] };
}

function commaBetween(text: string, from: number, to: number): number | undefined {
  const skipped = /^(?:\s|\/\/[^\r\n]*|\/\*[\s\S]*?\*\/)*/.exec(text.slice(from, to))?.[0].length ?? 0;
  return from + skipped < to && text[from + skipped] === ',' ? from + skipped : undefined;
}

/** The end of the content of a line: it includes comments, but not the blanks before the line break. */
function endOfLineContent(text: string, from: number, limit: number): number {
  const comments = /^(?:[\t ]*(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[^\r\n])*\*\/))*/.exec(text.slice(from, limit));
  return from + (comments?.[0].length ?? 0);
}

function collapse(text: string, offset: number): string {
  const empty = /^([[{])\s*([\]}])/.exec(text.slice(offset));
  if (empty === null) return text;
  return splice(text, offset, offset + empty[0].length, `${empty[1] ?? ''}${empty[2] ?? ''}`);
}

function render(value: unknown, text: string, indent: string, inline: boolean): string {
  if (inline) return renderInline(value);
  const { eol } = detectFormatting(text);
  return JSON.stringify(value, undefined, unitOf(text)).split('\n').join(`${eol}${indent}`);
}

function renderInline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(renderInline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${renderInline(item)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

function unitOf(text: string): string {
  const { insertSpaces, tabSize } = detectFormatting(text);
  return insertSpaces ? ' '.repeat(tabSize) : '\t';
}

function indentOfLine(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf('\n', offset - 1), text.lastIndexOf('\r', offset - 1)) + 1;
  return /^[\t ]*/.exec(text.slice(start))?.[0] ?? '';
}

function isMultiline(node: Node, text: string): boolean {
  return /[\r\n]/.test(text.slice(node.offset, endOf(node)));
}

function endOf(node: Node): number {
  return node.offset + node.length;
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
