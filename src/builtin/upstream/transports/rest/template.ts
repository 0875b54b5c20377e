import { AppError } from '../../../../platform/errors';
import {
  isArray,
  elementsOf,
  isObject,
  memberNamed,
  membersOf,
  stringValue,
  type Span,
} from '../../../../mcp-wire/json';

/** The arguments of a call as the received bytes, so that a number keeps all its digits. */
export class Arguments {
  constructor(
    readonly bytes: Buffer,
    /** The object with the arguments. */
    readonly span: Span | undefined,
  ) {}

  /** The value at a path of names. `undefined` when it is absent or `null`. */
  find(path: readonly string[]): Span | undefined {
    let at = this.span;
    for (const name of path)
      at = isObject(this.bytes, at) ? memberNamed(membersOf(this.bytes, at.start), name) : undefined;
    return at && this.raw(at) === 'null' ? undefined : at;
  }

  /** A value as JSON, unchanged. */
  raw({ start, end }: Span): string {
    return this.bytes.toString('utf8', start, end);
  }

  /** A value as text: a string without quotes, anything else as JSON. */
  text(span: Span): string {
    return stringValue(this.bytes, span) ?? this.raw(span);
  }

  /** The texts of the elements of an array, or the one text of any other value. */
  texts(span: Span): string[] {
    return isArray(this.bytes, span)
      ? elementsOf(this.bytes, span.start).map((element) => this.text(element))
      : [this.text(span)];
  }
}

type Part = { literal: string } | { path: readonly string[] };

/** A text with placeholders for arguments: `{{args.name}}`, `{{args.object.member}}`, `{{args}}` for all of them. */
export class Template {
  /** `braces`: whether `{name}` is a placeholder too, as it is in paths. */
  static parse(text: string, braces = false): Template {
    const placeholder = braces
      ? /\{\{\s*args((?:\.[\w-]+)*)\s*\}\}|(?<![${])\{([\w-]+)\}/g
      : /\{\{\s*args((?:\.[\w-]+)*)\s*\}\}/g;
    const parts: Part[] = [];
    let at = 0;
    for (const match of text.matchAll(placeholder)) {
      if (match.index > at) parts.push({ literal: text.slice(at, match.index) });
      const [whole, dotted = '', name] = match;
      parts.push({ path: name === undefined ? dotted.split('.').slice(1) : [name] });
      at = match.index + whole.length;
    }
    if (at < text.length) parts.push({ literal: text.slice(at) });
    return new Template(parts);
  }

  private constructor(readonly parts: readonly Part[]) {}

  /** The names of the used arguments. `undefined` means all of them. */
  get names(): (string | undefined)[] {
    return this.parts.flatMap((part) => ('path' in part ? [part.path[0]] : []));
  }

  /** The path of the placeholder, when the template is a single placeholder. */
  get only(): readonly string[] | undefined {
    const [part, ...more] = this.parts;
    return part && more.length === 0 && 'path' in part ? part.path : undefined;
  }

  /** What is before and after a character of the literal parts. */
  split(separator: string): [Template, Template?] {
    const at = this.parts.findIndex((part) => 'literal' in part && part.literal.includes(separator));
    const part = this.parts[at];
    if (!part || !('literal' in part)) return [this];
    const [left = '', ...right] = part.literal.split(separator);
    return [
      new Template([...this.parts.slice(0, at), { literal: left }]),
      new Template([{ literal: right.join(separator) }, ...this.parts.slice(at + 1)]),
    ];
  }

  /** Changes the literal parts only, so that nothing in an argument is expanded. */
  mapLiterals(change: (literal: string) => string): Template {
    return new Template(
      this.parts.map((part) => ('literal' in part ? { literal: change(part.literal) } : part)),
    );
  }

  /** Fills in the placeholders. `undefined` when an argument is missing. */
  render(args: Arguments, encode: (text: string) => string = (text) => text): string | undefined {
    const texts: string[] = [];
    for (const part of this.parts) {
      if ('literal' in part) texts.push(part.literal);
      else {
        const span = args.find(part.path);
        if (!span) return undefined;
        texts.push(encode(args.text(span)));
      }
    }
    return texts.join('');
  }

  /** Fills in the placeholders. Throws with the name of the first missing argument. */
  mustRender(args: Arguments, encode?: (text: string) => string): string {
    const text = this.render(args, encode);
    if (text !== undefined) return text;
    const missing = this.parts.find((part) => 'path' in part && !args.find(part.path));
    const name = missing && 'path' in missing ? missing.path.join('.') : '';
    throw new AppError('invalid-value', `The argument "${name}" is missing.`);
  }
}
