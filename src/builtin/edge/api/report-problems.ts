import type { ServerResponse } from 'node:http';
import * as v from 'valibot';
import { AppError, messageOf } from '../../../platform/errors';
import { sendProblem } from '../respond';

/** Runs the work. An error that a person can fix becomes a response with its HTTP status. */
export async function reportProblems(
  response: ServerResponse,
  work: () => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { code, message, next = '' } = error;
    switch (code) {
      case 'invalid-value':
        sendProblem(response, { status: 400, code, message, next });
        return;
      case 'not-found':
        sendProblem(response, { status: 404, code, message, next });
        return;
      case 'conflict':
        sendProblem(response, { status: 409, code, message, next });
        return;
      case 'storage':
        sendProblem(response, { status: 507, code, message, next });
        return;
      default:
        throw error;
    }
  }
}

/** Describes an error in a body, with the path of the member. */
export function describeProblem(error: unknown): string {
  if (!v.isValiError(error)) return messageOf(error);
  const [issue] = error.issues;
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `"${path}": ${issue.message}`;
}
