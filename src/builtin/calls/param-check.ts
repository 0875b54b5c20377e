import type { IncomingHttpHeaders } from 'node:http';
import { argumentText, declarationsOf } from '../upstream/transports/param-headers';
import type { Params } from '../../mcp-wire/params';
import { codes, RpcError } from '../../mcp-wire/rpc-error';
import { decodeHeader } from '../../mcp-wire/header-value';

const decimal = /^-?\d+(\.\d+)?$/;

/**
 * Checks that the `Mcp-Param-…` headers of a call agree with its arguments (SEP-2243). An argument that is absent or null
 * needs no header. Throws {@link RpcError} when they differ.
 */
export function checkParamHeaders(tool: Buffer, params: Params, headers: IncomingHttpHeaders): void {
  for (const { header, path } of declarationsOf(tool)) {
    const expected = argumentText(params.bytes, params.member('arguments'), path);
    if (expected === undefined) continue;
    const name = `mcp-param-${header.toLowerCase()}`;
    const raw = headers[name];
    if (typeof raw === 'string' && agrees(decodeHeader(raw), expected)) continue;
    const problem = raw === undefined ? 'is missing' : 'differs from the body';
    throw new RpcError(codes.headerMismatch, `The header ${name} ${problem}.`, { status: 400 });
  }
}

/** Numbers agree when their values are equal: `42.0` and `42`. */
function agrees(actual: string, expected: string): boolean {
  if (actual === expected) return true;
  return decimal.test(actual) && decimal.test(expected) && Number(actual) === Number(expected);
}
