import { promisify } from 'node:util';
import zlib from 'node:zlib';

const decoders = new Map([
  ['gzip', promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)],
  ['x-gzip', promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip)],
  ['deflate', promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate)],
  ['br', promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress)],
]);

/**
 * The body without the compression that some APIs apply unasked. Throws when it is broken, of an unknown kind, or larger
 * than `limit` bytes.
 */
export async function decode(body: Buffer, encoding: string | undefined, limit: number): Promise<Buffer> {
  if (encoding === undefined || encoding === 'identity' || body.length === 0) return body;
  const decoder = decoders.get(encoding.toLowerCase());
  if (!decoder) throw new Error(`the API answers in the encoding "${encoding}", which is not known`);
  return await decoder(body, { maxOutputLength: limit });
}
