import type { IncomingMessage } from 'node:http';
import { AppError } from '../../../platform/errors';
import { neededVariables } from '../../../servers/needed-variables';
import { readBody } from '../body';
import { sendJson } from '../respond';
import { reportProblems } from './report-problems';
import type { ApiContext } from './context';
import type { ApiRoute } from './route';

const bodyLimit = 64 * 1024;

/** The secrets of servers: list the names, set and remove. No response contains a value. */
export function secretRoutes(context: ApiContext): ApiRoute[] {
  const { secrets } = context;
  return [
    {
      method: 'GET',
      path: 'secrets',
      access: 'admin',
      handle: ({ response }) =>
        sendJson(response, 200, { secrets: secrets.names, missing: missing(context) }),
    },
    {
      method: 'PUT',
      path: 'secrets/:name',
      access: 'admin',
      handle: async ({ request, response, names: [name = ''] }) =>
        reportProblems(response, async () => {
          await secrets.set(name, await textIn(request));
          response.writeHead(204).end();
        }),
    },
    {
      method: 'DELETE',
      path: 'secrets/:name',
      access: 'admin',
      handle: async ({ response, names: [name = ''] }) =>
        reportProblems(response, async () => {
          await secrets.remove(name);
          response.writeHead(204).end();
        }),
    },
  ];
}

/** The variables without a value that enabled servers need. */
function missing({ live, variable }: ApiContext): { name: string; servers: string[] }[] {
  return [...neededVariables(live.current.file)]
    .filter(([name]) => variable(name) === undefined)
    .map(([name, servers]) => ({ name, servers }));
}

async function textIn(request: IncomingMessage): Promise<string> {
  const body = await readBody(request, bodyLimit);
  const text = body.toString('utf8');
  if (Buffer.from(text).equals(body)) return text;
  throw new AppError('invalid-value', 'The value is not valid UTF-8.', {
    next: 'Send the value as UTF-8 text.',
  });
}
