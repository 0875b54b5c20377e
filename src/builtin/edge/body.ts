import type { IncomingMessage } from 'node:http';
import type { BodyShare } from './body-budget';
import type { WholeRequest } from './fast-path/request';

/** The body is larger than the limit. */
export class BodyTooLargeError extends Error {
  constructor(readonly limit: number) {
    super(
      `The body is larger than ${limit} bytes, which is the limit (gateway.limits.bodyBytes in servers.json).`,
    );
    this.name = 'BodyTooLargeError';
  }
}

/** The body of a request that has arrived complete. Throws {@link BodyTooLargeError}. */
export function wholeBody({ body }: WholeRequest, limit: number): Buffer {
  if (body.length > limit) throw new BodyTooLargeError(limit);
  return body;
}

/**
 * Reads the whole body of a request. Throws {@link BodyTooLargeError} as soon as it is too large, and the error of `share`
 * as soon as the budget does not have its bytes. What was read until then is dropped.
 */
export function readBody(request: IncomingMessage, limit: number, share?: BodyShare): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLargeError(limit);
    const chunks: Buffer[] = [];
    let length = 0;
    let refused = false;
    const refuse = (error: Error): void => {
      refused = true;
      chunks.length = 0;
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      if (refused) return;
      length += chunk.length;
      if (length > limit) refuse(new BodyTooLargeError(limit));
      else {
        const problem = share?.take(chunk.length);
        if (problem) refuse(problem);
        else chunks.push(chunk);
      }
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks));
    });
    request.on('error', reject);
    // A client that goes away before its body has arrived.
    request.on('close', () => reject(new Error('The client closed the connection.')));
  });
}
