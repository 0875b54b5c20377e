import type { RpcResponse } from '../../mcp-wire/rpc-response';
import { memberNamed, membersOf } from '../../mcp-wire/json';

const cacheable = new Set([
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'server/discover',
  'resources/read',
]);

/** Adds the members that every result of 2026-07-28 has and a server of the legacy era does not send. */
export function completed(method: string, answer: RpcResponse): RpcResponse {
  if (answer.kind === 'error') return answer;
  const { body } = answer;
  const members = membersOf(body, 0);
  const extra: string[] = [];
  if (!memberNamed(members, 'resultType')) extra.push('"resultType":"complete"');
  // The merged lists can change at any time, so clients must not cache them. They also depend on the token.
  if (cacheable.has(method)) {
    if (!memberNamed(members, 'ttlMs')) extra.push('"ttlMs":0');
    if (!memberNamed(members, 'cacheScope')) extra.push('"cacheScope":"private"');
  }
  if (extra.length === 0) return answer;
  const tail = members.length > 0 ? ',' : '';
  return {
    kind: 'result',
    body: Buffer.concat([Buffer.from(`{${extra.join(',')}${tail}`), body.subarray(body.indexOf(0x7b) + 1)]),
  };
}
