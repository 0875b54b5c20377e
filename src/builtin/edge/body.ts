import type { IncomingMessage } from 'node:http';
import { WholeRequest } from './fast-path/request';

/** The body is larger than the limit. */
export class BodyTooLargeError extends Error {
  constructor(readonly limit: number) {
    super(
      `The body is larger than ${limit} bytes, which is the limit (gateway.limits.bodyBytes in servers.json).`,
    );
    this.name = 'BodyTooLargeError';
  }
}

/** The whole body, without a promise when it is already there. Throws {@link BodyTooLargeError} like {@link readBody}. */
export function bodyOf(request: IncomingMessage | WholeRequest, limit: number): Buffer | Promise<Buffer> {
  if (!(request instanceof WholeRequest)) return readBody(request, limit);
  if (request.body.length > limit) throw new BodyTooLargeError(limit);
  return request.body;
}

/** Reads the whole body of a request. Throws {@link BodyTooLargeError} as soon as it is too large. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > limit) throw new BodyTooLargeError(limit);
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(new BodyTooLargeError(limit));
      }
    });
    request.on('end', () => {
      const [first] = chunks;
      resolve(chunks.length === 1 && first ? first : Buffer.concat(chunks));
    });
    request.on('error', reject);
  });
}
