import type { Arguments } from './template';
import { Template } from './template';

/** A JSON value whose strings may contain placeholders. */
export type BodyTemplate =
  | { kind: 'text'; template: Template }
  | { kind: 'fixed'; json: string }
  | { kind: 'list'; elements: readonly BodyTemplate[] }
  | { kind: 'object'; members: readonly { key: string; value: BodyTemplate }[] };

/** Reads a value of the definition. `change` is applied to the literal parts of its strings. */
export function bodyTemplate(value: unknown, change: (literal: string) => string): BodyTemplate {
  if (typeof value === 'string') return { kind: 'text', template: Template.parse(value).mapLiterals(change) };
  if (Array.isArray(value))
    return { kind: 'list', elements: value.map((element) => bodyTemplate(element, change)) };
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([key, member]: [string, unknown]) => ({
      key,
      value: bodyTemplate(member, change),
    }));
    return { kind: 'object', members };
  }
  return { kind: 'fixed', json: JSON.stringify(value ?? null) };
}

/**
 * The value as JSON. A string that is a single placeholder becomes the argument itself, of any type. A member whose
 * argument is missing is left out; an element becomes `null`.
 */
export function renderJson(body: BodyTemplate, args: Arguments): string | undefined {
  switch (body.kind) {
    case 'fixed':
      return body.json;
    case 'list':
      return `[${body.elements.map((element) => renderJson(element, args) ?? 'null').join(',')}]`;
    case 'object': {
      const members = body.members.flatMap(({ key, value }) => {
        const json = renderJson(value, args);
        return json === undefined ? [] : [`${JSON.stringify(key)}:${json}`];
      });
      return `{${members.join(',')}}`;
    }
    case 'text': {
      const { only } = body.template;
      if (only) {
        const span = args.find(only);
        return span && args.raw(span);
      }
      const text = body.template.render(args);
      return text === undefined ? undefined : JSON.stringify(text);
    }
  }
}

/** The names of all arguments that the value uses. */
export function namesIn(body: BodyTemplate): (string | undefined)[] {
  switch (body.kind) {
    case 'fixed':
      return [];
    case 'text':
      return body.template.names;
    case 'list':
      return body.elements.flatMap(namesIn);
    case 'object':
      return body.members.flatMap(({ value }) => namesIn(value));
  }
}
