import type { ServerResponse } from 'node:http';
import * as v from 'valibot';
import { AppError, messageOf } from '../../../platform/errors';
import { sendProblem } from '../respond';

const statuses: Partial<Record<string, number>> = { 'not-found': 404, conflict: 409, 'invalid-value': 400 };

/** Does the work; what a person can mend is told with its status. */
export async function reportProblems(
  response: ServerResponse,
  work: () => void | Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const status = error instanceof AppError ? statuses[error.code] : undefined;
    if (!(error instanceof AppError) || status === undefined) throw error;
    const { code, message, next = '' } = error;
    sendProblem(response, { status, code, message, next });
  }
}

/** What is wrong with a body, with the path of the member. */
export function describeProblem(error: unknown): string {
  if (!v.isValiError(error)) return messageOf(error);
  const [issue] = error.issues;
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `"${path}": ${issue.message}`;
}
