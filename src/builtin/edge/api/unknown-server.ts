import type { ServerResponse } from 'node:http';
import { step } from '../../../platform/next-step';
import { sendProblem } from '../respond';

/** Answers that there is no server with this name. */
export function unknownServer(response: ServerResponse, name: string): void {
  sendProblem(response, {
    status: 404,
    code: 'not-found',
    message: `There is no server "${name}".`,
    next: step('List the servers.', 'servers'),
  });
}
