import { AppError } from '../../../../platform/errors';
import type { Span } from '../../../../mcp-wire/json';
import type { Arguments, Template } from './template';

/** Writes one argument, so that it stays one value in the text around it. `before` is the literal text so far. */
type Writer = (args: Arguments, span: Span, before: string) => string;

/**
 * A body that is a text, with its arguments written as the media type needs it. An argument is never more than a value: it
 * cannot end the string, the field or the element in which it stands. Where that cannot be made sure of, the call is
 * refused. Throws an {@link AppError}.
 */
export function renderText(template: Template, args: Arguments, contentType: string): Buffer {
  const [type = ''] = contentType.toLowerCase().split(';', 1);
  const write = writerFor(type.trim());
  let before = '';
  const text = template.parts.map((part) => {
    if ('literal' in part) {
      before += part.literal;
      return part.literal;
    }
    const span = args.find(part.path);
    if (span) return write(args, span, before);
    throw new AppError('invalid-value', `The argument "${part.path.join('.')}" is missing.`);
  });
  return Buffer.from(text.join(''));
}

function writerFor(type: string): Writer {
  if (type === 'application/x-www-form-urlencoded')
    return (args, span) => encodeURIComponent(args.text(span));
  if (/[/+]json$/.test(type) || type === 'application/x-ndjson') return json;
  if (/[/+]xml$/.test(type)) return xml;
  if (type === 'text/plain' || type === 'application/octet-stream') return (args, span) => args.text(span);
  return (args, span) => plainWord(args.text(span), type);
}

/** Inside a string of the template, the text of the argument; outside of it, the argument as a JSON value. */
const json: Writer = (args, span, before) =>
  isInJsonString(before) ? JSON.stringify(args.text(span)).slice(1, -1) : args.raw(span);

function isInJsonString(text: string): boolean {
  let inside = false;
  for (let at = 0; at < text.length; at += 1) {
    if (inside && text[at] === '\\') at += 1;
    else if (text[at] === '"') inside = !inside;
  }
  return inside;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

const xml: Writer = (args, span, before) => {
  const text = args.text(span);
  if (/[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text))
    throw new AppError('invalid-value', 'An argument of the body has a character that XML does not allow.');
  if (isInMarkup(before))
    throw new AppError(
      'invalid-value',
      'The body has an argument inside a tag, a comment or an instruction, where it cannot be escaped.',
      {
        next: 'Put the placeholder into the text of an element or into a quoted attribute, in servers.json.',
      },
    );
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
};

/** Whether an argument after this text would be markup: in a tag outside of quotes, in a comment, CDATA or the like. */
function isInMarkup(text: string): boolean {
  const special = Math.max(text.lastIndexOf('<!'), text.lastIndexOf('<?'));
  if (special >= 0 && !text.includes('>', special)) return true;
  if (special >= 0 && text.startsWith('<!--', special) && !text.includes('-->', special)) return true;
  if (special >= 0 && text.startsWith('<![CDATA[', special) && !text.includes(']]>', special)) return true;
  let inTag = false;
  let quote = '';
  for (const character of text) {
    if (quote !== '') quote = character === quote ? '' : quote;
    else if (inTag && (character === '"' || character === "'")) quote = character;
    else if (character === '<') inTag = true;
    else if (character === '>') inTag = false;
  }
  return inTag && quote === '';
}

/** For a media type whose syntax is not known here: a text that has no meaning in any of them. */
function plainWord(text: string, type: string): string {
  if (/^[\p{L}\p{N}_.][\p{L}\p{N} ._-]*$/u.test(text)) return text;
  throw new AppError(
    'invalid-value',
    `An argument of the body is refused, because the gateway cannot escape it for ${type}: it may have only letters, digits, spaces and . _ -`,
    {
      next: 'Describe the body as a JSON value, or as a text of JSON, XML, a form or text/plain, in servers.json.',
    },
  );
}
