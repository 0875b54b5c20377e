import { AppError } from '../../../../platform/errors';
import { version } from '../../../../platform/version';
import type { RestAuth } from '../../../../servers/rest-schema';
import { membersOf } from '../../../../mcp-wire/json';
import { renderJson } from './body-template';
import { namesOutsideBody, type Operation } from './operation';
import { renderPath } from './path';
import type { Arguments, Template } from './template';
import { renderText } from './text-body';

/** What all tools of an API have in common, after variables were filled in. */
export interface RestApi {
  baseUrl: URL;
  headers: Readonly<Record<string, string>>;
  auth: RestAuth | undefined;
}

export interface ApiRequest {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: Buffer | undefined;
}

/** Creates the HTTP request of a call. Throws an {@link AppError} when the arguments do not allow it. */
export function requestOf(api: RestApi, operation: Operation, args: Arguments): ApiRequest {
  const headers = headersOf(api, operation, args);
  const body = bodyOf(operation, args, headers);
  return {
    url: urlOf(api, operation, args),
    method: operation.tool.method,
    headers: { ...headers, ...(body && { 'content-length': String(body.length) }) },
    body,
  };
}

function urlOf({ baseUrl, auth }: RestApi, { path, params }: Operation, args: Arguments): URL {
  const [before, after] = path.split('?');
  const pathname = renderPath(before, args);
  const query = after?.mustRender(args, encodeURIComponent) ?? '';
  const url = new URL(baseUrl);
  url.pathname = `${baseUrl.pathname.replace(/\/$/, '')}${pathname}`;
  for (const [name, value] of new URLSearchParams(query)) url.searchParams.append(name, value);
  for (const [name, template] of params)
    for (const value of valuesOf(template, args)) url.searchParams.append(name, value);
  if (auth?.type === 'apiKey' && auth.in === 'query') url.searchParams.set(auth.name, auth.value);
  return url;
}

/** Several values for an array, none for a missing argument. */
function valuesOf(template: Template, args: Arguments): string[] {
  const { only } = template;
  if (!only) return [template.render(args) ?? []].flat();
  const span = args.find(only);
  return span ? args.texts(span) : [];
}

function headersOf(
  { headers, auth }: RestApi,
  operation: Operation,
  args: Arguments,
): Record<string, string> {
  const own = operation.headers.flatMap(([name, template]): [string, string][] => {
    const value = template.render(args);
    if (value !== undefined && /[^\t\x20-\x7e\x80-\xff]/.test(value))
      throw new AppError(
        'invalid-value',
        `The argument of the header "${name}" has a character that a header cannot have.`,
      );
    return value === undefined ? [] : [[name, value]];
  });
  const given = [...Object.entries(headers), ...own, ...authHeaders(auth)];
  return {
    accept: 'application/json, */*;q=0.5',
    'accept-encoding': 'identity',
    'user-agent': `devcontainer-gateway/${version}`,
    ...Object.fromEntries(given.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

function authHeaders(auth: RestAuth | undefined): [string, string][] {
  switch (auth?.type) {
    case 'bearer':
      return [['authorization', `Bearer ${auth.token}`]];
    case 'basic':
      return [
        ['authorization', `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`],
      ];
    case 'header':
      return [[auth.name, auth.value]];
    case 'apiKey':
      return auth.in === 'header' ? [[auth.name, auth.value]] : [];
    case undefined:
      return [];
  }
}

/** The credentials after variables were filled in. */
export function expandAuth(auth: RestAuth, expand: (text: string) => string): RestAuth {
  switch (auth.type) {
    case 'bearer':
      return { ...auth, token: expand(auth.token) };
    case 'basic':
      return { ...auth, username: expand(auth.username), password: expand(auth.password) };
    case 'header':
    case 'apiKey':
      return { ...auth, value: expand(auth.value) };
  }
}

/** The body. Sets the content type in `headers` when the definition does not. */
function bodyOf(operation: Operation, args: Arguments, headers: Record<string, string>): Buffer | undefined {
  const { body } = operation;
  if (body === undefined) return undefined;
  const type = headers['content-type'];
  const isJson = type === undefined || /[/+]json\b/i.test(type);
  if (body !== 'rest' && body.kind === 'text' && !(body.template.only && isJson)) {
    headers['content-type'] ??= 'text/plain; charset=utf-8';
    return renderText(body.template, args, headers['content-type']);
  }
  headers['content-type'] ??= 'application/json';
  return Buffer.from(body === 'rest' ? unusedArguments(operation, args) : (renderJson(body, args) ?? 'null'));
}

function unusedArguments(operation: Operation, args: Arguments): string {
  if (!args.span) return '{}';
  const used = namesOutsideBody(operation);
  const members = membersOf(args.bytes, args.span.start);
  if (!members.some(({ key }) => used.has(key))) return args.raw(args.span);
  const kept = members.filter(({ key }) => !used.has(key));
  return `{${kept.map(({ keyStart, end }) => args.raw({ start: keyStart, end })).join(',')}}`;
}
