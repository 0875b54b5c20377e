import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { sentence } from '../../../platform/sentence';
import { AppError } from '../../../platform/errors';
import { TokenRules, withoutHash } from '../../tokens/token-file';
import { readBody } from '../body';
import { sendJson } from '../respond';
import { reportProblems, describeProblem } from './report-problems';
import type { ApiContext } from './context';
import type { ApiRoute } from './route';

const bodyLimit = 256 * 1024;

/** The named tokens: list, create and revoke. Only the response to create contains the token. */
export function tokenRoutes({ tokens }: ApiContext): ApiRoute[] {
  return [
    {
      method: 'GET',
      path: 'tokens',
      access: 'admin',
      handle: ({ response }) => sendJson(response, 200, { tokens: tokens.entries.map(withoutHash) }),
    },
    {
      method: 'POST',
      path: 'tokens',
      access: 'admin',
      handle: async ({ request, response }) => {
        await reportProblems(response, async () => {
          const { token, entry } = await tokens.create(await rulesIn(request));
          sendJson(response, 201, { token, ...withoutHash(entry) });
        });
      },
    },
    {
      method: 'DELETE',
      path: 'tokens/:name',
      access: 'admin',
      handle: async ({ response, names: [name = ''] }) => {
        await reportProblems(response, async () => {
          await tokens.revoke(name);
          response.writeHead(204).end();
        });
      },
    },
  ];
}

async function rulesIn(request: IncomingMessage): Promise<TokenRules> {
  const body = await readBody(request, bodyLimit);
  try {
    return v.parse(TokenRules, JSON.parse(body.toString('utf8')));
  } catch (error) {
    throw new AppError('invalid-value', sentence(`The token cannot be created: ${describeProblem(error)}`), {
      next: 'Send {"name":…} with any of "expires", "tools": {"allow", "deny"}, "readOnly", "quota": {"perHour", "perDay"}.',
      cause: error,
    });
  }
}
