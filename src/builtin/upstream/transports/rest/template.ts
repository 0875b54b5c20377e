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

/** The arguments of a call as their bytes came: a number keeps all its digits. */
export class Arguments {
  constructor(
    readonly bytes: Buffer,
    /** The object that holds them. */
    readonly span: Span | undefined,
  ) {}

  /** The value at a path of names; `undefined` when it is absent or `null`. */
  find(path: readonly string[]): Span | undefined {
    let at = this.span;
    for (const name of path)
      at = isObject(this.bytes, at) ? memberNamed(membersOf(this.bytes, at.start), name) : undefined;
    return at && this.raw(at) === 'null' ? undefined : at;
  }

  /** A value as JSON, as it came. */
  raw({ start, end }: Span): string {
    return this.bytes.toString('utf8', start, end);
  }

  /** A value as text: a string without its quotes, anything else as JSON. */
  text(span: Span): string {
    return stringValue(this.bytes, span) ?? this.raw(span);
  }

  /** The elements of an array as texts, or the one text of anything else. */
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

  /** The names of the arguments that it uses; `undefined` stands for all of them. */
  get names(): (string | undefined)[] {
    return this.parts.flatMap((part) => ('path' in part ? [part.path[0]] : []));
  }

  /** The path of the placeholder that is the whole template, if it is one. */
  get only(): readonly string[] | undefined {
    const [part, ...more] = this.parts;
    return part && more.length === 0 && 'path' in part ? part.path : undefined;
  }

  /** The literal parts changed; placeholders are not looked at, so that nothing in an argument is ever expanded. */
  mapLiterals(change: (literal: string) => string): Template {
    return new Template(
      this.parts.map((part) => ('literal' in part ? { literal: change(part.literal) } : part)),
    );
  }

  /** Fills it in; `undefined` when an argument is missing. */
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

  /** Fills it in. Throws with the name of the first argument that is missing. */
  mustRender(args: Arguments, encode?: (text: string) => string): string {
    const text = this.render(args, encode);
    if (text !== undefined) return text;
    const missing = this.parts.find((part) => 'path' in part && !args.find(part.path));
    const name = missing && 'path' in missing ? missing.path.join('.') : '';
    throw new AppError('invalid-value', `the argument "${name}" is missing`);
  }
}
