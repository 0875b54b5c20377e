import { promisify } from 'node:util';
import type zlib from 'node:zlib';
import { late } from '../../../../platform/late';

const decoders = new Map<string, () => (body: Buffer, options: zlib.ZlibOptions) => Promise<Buffer>>([
  ['gzip', () => promisify<Buffer, zlib.ZlibOptions, Buffer>(late.zlib.gunzip)],
  ['x-gzip', () => promisify<Buffer, zlib.ZlibOptions, Buffer>(late.zlib.gunzip)],
  ['deflate', () => promisify<Buffer, zlib.ZlibOptions, Buffer>(late.zlib.inflate)],
  ['br', () => promisify<Buffer, zlib.BrotliOptions, Buffer>(late.zlib.brotliDecompress)],
]);

/**
 * Decompresses a body: some APIs compress although the request does not allow it. Throws when the body is damaged, the
 * encoding is not supported, or the result is larger than `limit` bytes.
 */
export async function decode(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body;
  const decoder = decoders.get(encoding.toLowerCase());
  if (!decoder)
    throw new Error(`The API answered in the content encoding "${encoding}", which is not supported.`);
  return await decoder()(body, { maxOutputLength: limit });
}
