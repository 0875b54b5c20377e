import type { IncomingMessage } from 'node:http';

/** Where a request goes: the parts of the path, decoded, and the query. */
export interface RequestTarget {
  path: string[];
  query: URLSearchParams;
}

export function targetOf(request: IncomingMessage): RequestTarget {
  const [pathname = '/', search = ''] = (request.url ?? '/').split('?', 2);
  const path = pathname.split('/').filter((part) => part !== '');
  return { path: path.map(decode), query: new URLSearchParams(search) };
}

/** The path as it came, without the query, and not longer than a message can be. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?')[0]?.slice(0, 200) ?? '/';
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
