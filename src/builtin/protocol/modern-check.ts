import type { IncomingHttpHeaders } from 'node:http';
import { decodeHeader } from '../../mcp-wire/header-value';
import { isObject } from '../../mcp-wire/json';
import type { RequestMessage } from '../../mcp-wire/envelope';
import type { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';

/** The member of the params that the `Mcp-Name` header repeats. */
const namedBy: ReadonlyMap<string, 'name' | 'uri'> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
]);

const legacyOnly = new Set([
  'initialize',
  'ping',
  'logging/setLevel',
  'resources/subscribe',
  'resources/unsubscribe',
]);

/** Checks that a request of 2026-07-28 is complete, and that its headers, if it has any, agree with its body. */
export function checkModernRequest(
  headers: IncomingHttpHeaders | undefined,
  message: RequestMessage,
  params: Params,
  versions: readonly string[],
): void {
  const version = params.protocolVersion;
  if (version === undefined) {
    throw new RpcError(codes.invalidParams, '"_meta" must contain io.modelcontextprotocol/protocolVersion.', {
      status: 400,
    });
  }
  expectHeader(headers, 'mcp-protocol-version', version);
  if (!versions.includes(version)) {
    const data = { supported: versions, requested: version };
    throw new RpcError(
      codes.unsupportedProtocolVersion,
      `The protocol version "${version}" is not supported.`,
      { status: 400, data },
    );
  }
  expectHeader(headers, 'mcp-method', message.method);
  const key = namedBy.get(message.method);
  const name = key && params.text(key);
  if (name !== undefined) expectHeader(headers, 'mcp-name', name);
  if (!isObject(params.bytes, params.meta('io.modelcontextprotocol/clientCapabilities'))) {
    throw new RpcError(
      codes.invalidParams,
      '"_meta" must contain io.modelcontextprotocol/clientCapabilities.',
      {
        status: 400,
      },
    );
  }
  if (legacyOnly.has(message.method)) {
    throw new RpcError(
      codes.methodNotFound,
      `The method "${message.method}" is not part of the protocol version ${version}.`,
      {
        status: 404,
      },
    );
  }
}

function expectHeader(headers: IncomingHttpHeaders | undefined, name: string, expected: string): void {
  if (!headers) return;
  const raw = headers[name];
  if (typeof raw === 'string' && decodeHeader(raw) === expected) return;
  const problem = raw === undefined ? 'is missing' : 'differs from the body';
  throw new RpcError(codes.headerMismatch, `The header ${name} ${problem}.`, { status: 400 });
}
