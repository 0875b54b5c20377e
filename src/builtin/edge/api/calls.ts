import { sendJson } from '../respond';
import type { ApiContext } from './context';
import type { ApiRoute } from './route';

const defaultCalls = 100;

/** The running and the last calls, newest first: `?server=…&name=…&limit=…`. */
export function callRoutes({ callControl }: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: 'calls',
      access: 'client',
      handle: ({ response, query }) => {
        const limit = Number(query.get('limit') ?? defaultCalls) || 0;
        const filter = { server: query.get('server'), name: query.get('name'), limit: Math.max(0, limit) };
        sendJson(response, 200, { calls: callControl.calls.list(filter) });
      },
    },
  ];
}
