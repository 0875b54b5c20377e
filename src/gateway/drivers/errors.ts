import {
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  UnauthorizedError,
} from '@modelcontextprotocol/client';
import { AppError, messageOf, systemCode } from '../../platform/errors';
import { forbidden, unauthorized, unreachable } from '../resolve/probe';
import type { GatewayTarget } from '../resolve/target';
import { step } from '../../platform/next-step';
import { sentence } from '../../platform/sentence';

/** What a failure of the MCP library means to a person. */
export function asAppError(error: unknown, target: GatewayTarget, signal?: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (signal?.aborted) return new AppError('cancelled', 'Cancelled.', { cause: error });
  if (error instanceof UnauthorizedError) return unauthorized(target);
  if (error instanceof SdkHttpError) return fromStatus(error, target);
  if (error instanceof ProtocolError)
    return new AppError('protocol', sentence(`The gateway answers: ${error.message}`), { cause: error });
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) {
    return new AppError('timeout', `The gateway at ${target.url.href} did not answer in time.`, {
      next: step('Allow more time with --timeout, or look at the status of the gateway.', 'status'),
      cause: error,
    });
  }
  if (systemCode(error) !== undefined || messageOf(error).includes('fetch failed'))
    return unreachable(target, deepest(error));
  return new AppError(
    'protocol',
    sentence(`The gateway at ${target.url.href} answers in an unexpected way: ${messageOf(error)}`),
    {
      next: 'Check that the address is an MCP endpoint.',
      cause: error,
    },
  );
}

function fromStatus(error: SdkHttpError, target: GatewayTarget): AppError {
  const { status } = error;
  const text = typeof error.data['text'] === 'string' ? error.data['text'] : '';
  if ((status === 404 || status === 400) && /session/i.test(text)) {
    return new AppError(
      'unreachable',
      `The gateway at ${target.url.href} was restarted and no longer knows the session.`,
      {
        next: 'Try again.',
        cause: error,
      },
    );
  }
  if (status === 401) return unauthorized(target);
  if (status === 403) return forbidden(target, text);
  if (status === 502 || status === 503 || status === 504) return unreachable(target, error);
  return new AppError(
    'protocol',
    `${target.url.href} is not an MCP gateway: it answers with HTTP status ${status}.`,
    {
      next: 'Give the MCP URL of the gateway, such as http://127.0.0.1:8811/mcp.',
      cause: error,
    },
  );
}

function deepest(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? deepest(error.cause) : error;
}
