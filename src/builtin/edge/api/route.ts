import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request to a path under `/api/`. */
export interface ApiCall {
  request: IncomingMessage;
  response: ServerResponse;
  /** The parts of the path that stand for `:name`, decoded. */
  names: readonly string[];
  query: URLSearchParams;
}

/** One path under `/api/`. A part that starts with `:` stands for any text. */
export interface ApiRoute {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  path: string;
  /** Whose token opens it; the admin token opens everything. */
  access: 'client' | 'admin';
  handle(call: ApiCall): void | Promise<void>;
}

/** The texts that stand for the `:name` parts of the route's path; `undefined` when it is another path. */
export function namesIn(route: ApiRoute, path: readonly string[]): readonly string[] | undefined {
  const parts = route.path.split('/');
  if (parts.length !== path.length) return undefined;
  const fits = parts.every((part, i) => part.startsWith(':') || part === path[i]);
  return fits ? path.filter((_, i) => parts[i]?.startsWith(':') === true) : undefined;
}
