import path from 'node:path';
import { version } from '../platform/version';
import {
  asLine,
  resultBytes,
  scanMessage,
  slice,
  errorBytes,
  type RequestMessage,
} from '../mcp-wire/envelope';
import { LineSplitter } from '../mcp-wire/lines';
import { codes, RpcError } from '../mcp-wire/rpc-error';

/**
 * A small MCP server on standard input and output. With it a new gateway has tools to try without a download: `echo`,
 * `time` and `workspace_info`.
 */
export function runSampleServer(input: NodeJS.ReadableStream, write: (bytes: Buffer) => void): void {
  const lines = new LineSplitter((line) => {
    const message = scanMessage(line);
    if (message.kind !== 'request') return;
    write(asLine(answer(message)));
  });
  input.on('data', (chunk: Buffer) => lines.push(chunk));
}

const noArguments = { type: 'object', properties: {}, additionalProperties: false };
const readOnly = { readOnlyHint: true, openWorldHint: false };

const tools = [
  {
    name: 'echo',
    description: 'Returns the given text.',
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string', description: 'The text to return.' } },
      required: ['text'],
    },
    annotations: readOnly,
  },
  {
    name: 'time',
    description: 'Returns the current date and time of the gateway, in UTC.',
    inputSchema: noArguments,
    annotations: readOnly,
  },
  {
    name: 'workspace_info',
    description: 'Returns the working folder of the servers behind this gateway.',
    inputSchema: noArguments,
    annotations: readOnly,
  },
];

function answer(message: RequestMessage): Buffer {
  const params: unknown = message.params
    ? JSON.parse(slice(message.bytes, message.params).toString('utf8'))
    : {};
  try {
    return resultBytes(message.id, Buffer.from(JSON.stringify(resultOf(message.method, params))));
  } catch (error) {
    const rpc = error instanceof RpcError ? error : new RpcError(codes.internal, String(error));
    return errorBytes(message.id, rpc.toBytes());
  }
}

function resultOf(method: string, params: unknown): object {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'sample', title: 'Sample server', version },
      };
    case 'ping':
      return {};
    case 'tools/list':
      return { tools };
    case 'tools/call':
      return callTool(field(params, 'name'), field(params, 'arguments'));
    default:
      throw new RpcError(codes.methodNotFound, `The method "${method}" is not supported.`);
  }
}

function callTool(name: unknown, args: unknown): object {
  if (name === 'time') return text(new Date().toISOString());
  if (name === 'workspace_info') return text(`${process.cwd()} (${path.basename(process.cwd())})`);
  if (name !== 'echo') throw new RpcError(codes.invalidParams, `Unknown tool: ${String(name)}`);
  const said = field(args, 'text');
  return typeof said === 'string' ? text(said) : { ...text('"text" must be a string.'), isError: true };
}

function text(value: string): { content: { type: 'text'; text: string }[] } {
  return { content: [{ type: 'text', text: value }] };
}

function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
