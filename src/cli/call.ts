import type { Chunk, ToolResult } from '../gateway/driver';
import { exitStatus } from './exit-status';
import { withGateway } from './gateway';
import { progress, type CliIo } from './io';
import { jsonArguments } from './json-arguments';
import type { CommonOptions } from './options';
import { milliseconds } from './seconds';

export interface CallOptions extends CommonOptions {
  args?: string;
  timeout?: string;
}

/** `call`: calls a tool; 1 when the tool says that it failed. */
export async function call(io: CliIo, name: string, options: CallOptions): Promise<number> {
  const args = await jsonArguments(options.args, io);
  const timeoutMs = milliseconds(options.timeout, '--timeout', 60);
  return await withGateway(io, options, async (gateway) => {
    const tool = await gateway.tool(name);
    let status = 0;
    for await (const chunk of gateway.call(tool, args, { timeoutMs })) {
      if (chunk.type === 'result') {
        io.stdout(options.json === true ? `${chunk.raw}\n` : textOf(chunk.result));
        status = chunk.result.isError ? exitStatus.failure : exitStatus.success;
      } else report(io, chunk);
    }
    return status;
  });
}

function report(io: CliIo, chunk: Exclude<Chunk, { type: 'result' }>): void {
  if (chunk.type === 'progress') {
    const total = chunk.total === undefined ? '' : `/${chunk.total}`;
    progress(
      io,
      `progress ${chunk.progress}${total}${chunk.message === undefined ? '' : ` ${chunk.message}`}`,
    );
  } else if (chunk.type === 'log') {
    const text = typeof chunk.data === 'string' ? chunk.data : JSON.stringify(chunk.data);
    progress(io, `${chunk.level}: ${chunk.logger === undefined ? '' : `${chunk.logger}: `}${text}`);
  }
}

/** A result for people: texts as they are, everything else in a word. */
function textOf(result: ToolResult): string {
  if (result.content.length === 0 && result.structuredContent !== undefined)
    return `${JSON.stringify(result.structuredContent, null, 2)}\n`;
  return result.content.map((block) => withLineEnd(blockText(block))).join('');
}

/** One block of content for people. */
export function blockText(block: Readonly<Record<string, unknown>>): string {
  const { type, text, data, uri, resource, mimeType } = block;
  if (type === 'text' && typeof text === 'string') return text;
  if (typeof data === 'string')
    return `[${String(type)}, ${String(mimeType)}, ${Buffer.byteLength(data, 'base64')} bytes]`;
  if (type === 'resource_link') return `[resource ${String(uri)}]`;
  if (type === 'resource' && typeof resource === 'object' && resource !== null) {
    if ('text' in resource && typeof resource.text === 'string') return resource.text;
    return `[resource ${'uri' in resource ? String(resource.uri) : ''}]`;
  }
  return JSON.stringify(block);
}

function withLineEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
