import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request to a path under `/api/`. */
export interface ApiCall {
  request: IncomingMessage;
  response: ServerResponse;
  /** The decoded segments of the path that match `:name` parts. */
  names: readonly string[];
  query: URLSearchParams;
}

/** One path under `/api/`. A part that starts with `:` matches any text. */
export interface ApiRoute {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** The token that is needed. The admin token is always accepted. */
  access: 'client' | 'admin';
  handle(call: ApiCall): void | Promise<void>;
}

/** The texts that match the `:name` parts of the route. `undefined` when the path does not match. */
export function namesIn(route: ApiRoute, path: readonly string[]): readonly string[] | undefined {
  const parts = route.path.split('/');
  if (parts.length !== path.length) return undefined;
  const fits = parts.every((part, i) => part.startsWith(':') || part === path[i]);
  return fits ? path.filter((_, i) => parts[i]?.startsWith(':') === true) : undefined;
}
