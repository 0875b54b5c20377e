import type { NextStep } from '../../platform/next-step';
import { nextFields } from '../../servers/api-types';
import type { EdgeResponse } from './http';
import type { problemCodes, ProblemCode } from './problem-codes';

/** What is wrong, in a word for programs and in words for people, and what to do next. */
export type HttpProblem = {
  [Code in ProblemCode]: {
    status: (typeof problemCodes)[Code]['status'];
    code: Code;
    message: string;
    next: NextStep | string;
  };
}[ProblemCode];

export function sendJson(
  response: EdgeResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(JSON.stringify(value));
  response
    .writeHead(status, { ...headers, 'content-type': 'application/json', 'content-length': body.length })
    .end(body);
}

export function sendProblem(
  response: EdgeResponse,
  { status, code, message, next }: HttpProblem,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { error: { code, message, ...nextFields(next) } }, headers);
}
