import { StringDecoder } from 'node:string_decoder';

/** The lines of a byte stream; a last line without an end counts. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of chunks) {
    rest += typeof chunk === 'string' ? chunk : decoder.write(Buffer.from(chunk));
    const lines = rest.split(/\r?\n/);
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}

/**
 * The payloads of the engine's multiplexed log format: frames of an 8-byte header (stream number, length) and a body.
 * The two output streams come out in one order, each line whole.
 */
export async function* logLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const streams = new Map<number, { decoder: StringDecoder; rest: string }>();
  for await (const { stream, payload } of frames(chunks)) {
    const state = streams.get(stream) ?? { decoder: new StringDecoder('utf8'), rest: '' };
    const lines = (state.rest + state.decoder.write(payload)).split(/\r?\n/);
    state.rest = lines.pop() ?? '';
    streams.set(stream, state);
    yield* lines;
  }
  for (const { rest } of streams.values()) if (rest !== '') yield rest;
}

async function* frames(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ stream: number; payload: Buffer }> {
  let buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    buffer = Buffer.concat([buffer, chunk]);
    while (buffer.length >= 8) {
      const end = 8 + buffer.readUInt32BE(4);
      if (buffer.length < end) break;
      yield { stream: buffer.readUInt8(0), payload: buffer.subarray(8, end) };
      buffer = buffer.subarray(end);
    }
  }
}

/** The content of the first regular file in a tar archive (ustar, as the engine's archive end point sends it). */
export function firstFileOfTar(archive: Buffer): Buffer | undefined {
  for (let offset = 0; offset + 512 <= archive.length;) {
    const header = archive.subarray(offset, offset + 512);
    if (header[0] === 0) return undefined;
    const size = Number.parseInt(header.toString('latin1', 124, 136).replaceAll('\0', ' ').trim(), 8);
    if (!Number.isFinite(size)) return undefined;
    const type = header.toString('latin1', 156, 157);
    if (type === '0' || type === '\0') return archive.subarray(offset + 512, offset + 512 + size);
    offset += 512 + Math.ceil(size / 512) * 512;
  }
  return undefined;
}
