import { AppError } from '../../../../platform/errors';
import { isArray, isObject } from '../../../../mcp-wire/json';
import type { Arguments, Template } from './template';

/**
 * The path of a request. An argument is one value of it: it is not empty, since `/items/` is another resource than
 * `/items/7`, it is no list and no object, and it leads nowhere else. Throws an {@link AppError}.
 */
export function renderPath(template: Template, args: Arguments): string {
  const text = template.parts.map((part) => {
    if ('literal' in part) return part.literal;
    const name = part.path.join('.');
    const span = args.find(part.path);
    if (!span) throw new AppError('invalid-value', `The argument "${name}" is missing.`);
    if (isArray(args.bytes, span) || isObject(args.bytes, span))
      throw refused(name, 'must be a text, a number or a boolean');
    const value = args.text(span);
    if (value.trim() === '') throw refused(name, 'must not be empty');
    if (/\p{Cc}/u.test(value)) throw refused(name, 'must not have control characters');
    if (/\p{Cs}/u.test(value)) throw refused(name, 'must be a text of whole characters');
    if (value.split(/[/\\]/).some((segment) => /^\.{1,2}$/.test(withoutParameters(segment))))
      throw refused(name, 'must not have a segment of dots');
    return encodeURIComponent(value);
  });
  const path = text.join('');
  if (path.split('/').some((segment) => /^(\.|%2e){1,2}$/i.test(withoutParameters(segment))))
    throw new AppError('invalid-value', `The path "${path}" must not have a segment of dots.`);
  return path;
}

/** Some servers cut parameters off a segment before they resolve the path. */
function withoutParameters(segment: string): string {
  return segment.split(';', 1)[0]?.trim() ?? '';
}

function refused(name: string, must: string): AppError {
  return new AppError('invalid-value', `The argument "${name}" is part of the path, so it ${must}.`);
}
