import type { IncomingMessage } from 'node:http';
import * as v from 'valibot';
import { AppError } from '../../../platform/errors';
import { readBody } from '../body';
import { sendJson } from '../respond';
import type { ApiContext } from './context';
import { reportProblems } from './report-problems';
import type { ApiRoute } from './route';

const bodyLimit = 64 * 1024;

const request = v.pipe(v.string(), v.parseJson(), v.object({ accepted: v.unknown() }));

/** The settings of the servers file that guard less than is accepted, and their acceptance. */
export function settingsRoutes({ live }: ApiContext): ApiRoute[] {
  const document = (): object => ({ looser: live.current.looser, accepted: live.accepted });
  return [
    {
      method: 'GET',
      path: 'settings',
      access: 'client',
      handle: ({ response }) => sendJson(response, 200, document()),
    },
    {
      method: 'PUT',
      path: 'settings/accepted',
      access: 'admin',
      handle: async (call) =>
        reportProblems(call.response, async () => {
          await live.acceptSettings(await acceptedIn(call.request));
          sendJson(call.response, 200, document());
        }),
    },
  ];
}

async function acceptedIn(message: IncomingMessage): Promise<unknown> {
  const parsed = v.safeParse(request, (await readBody(message, bodyLimit)).toString('utf8'));
  if (parsed.success) return parsed.output.accepted;
  throw new AppError('invalid-value', 'The body is not a JSON object with the member "accepted".', {
    next: 'Send {"accepted":{"audit.enabled":false}}, for example.',
  });
}
