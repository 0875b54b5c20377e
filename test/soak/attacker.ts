import assert from 'node:assert/strict';
import net from 'node:net';
import type { TestGateway } from '../support/gateway';
import type { Malformed } from './malformed-corpus';

/** So long an answer may take; what was sent in part gets none. */
const patienceMs = 700;

/** The bytes of a request. */
export function bytesOf(one: Malformed, token: string, session: string): Buffer {
  if (one.raw !== undefined) return Buffer.from(one.raw.replace('TOKEN', token), 'latin1');
  const body = Buffer.from(one.body ?? '');
  const own = new Set((one.headers ?? []).map((line) => line.split(':')[0]));
  const usual = [
    'host: 127.0.0.1',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'connection: close',
    ...(one.session === true ? [`mcp-session-id: ${session}`] : []),
  ].filter((line) => !own.has(line.split(':')[0] ?? ''));
  const lines = [...usual, ...(one.headers ?? []), `content-length: ${body.length}`];
  const head = `${one.line ?? 'POST /mcp HTTP/1.1'}\r\n${lines.join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** Sends bytes over a connection of their own and resolves with what came back, when the other side closed or was silent. */
export async function exchange(gateway: TestGateway, bytes: Buffer): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(gateway.base).port) });
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    socket.setTimeout(patienceMs, () => socket.destroy());
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.write(bytes);
  });
  return Buffer.concat(chunks).toString('utf8');
}

/** An answer is right when HTTP or JSON-RPC says what was wrong, or that nothing was; never a failure of the gateway. */
export function assertRight(answer: string, what: string, mayClose: boolean): void {
  if (answer === '' && mayClose) return;
  const [, status = ''] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
  assert.match(status, /^[24]\d\d$/, `${what}: ${answer.slice(0, 300)}`);
  const bytes = Buffer.from(answer);
  const start = bytes.indexOf('\r\n\r\n') + 4;
  const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  const end = length === undefined ? bytes.length : start + Number(length);
  // A request that was cut can leave another one behind it, which is answered too.
  if (end < bytes.length) assertRight(bytes.toString('utf8', end), what, mayClose);
  const body = bytes.toString('utf8', start, end);
  if (!/\r\ncontent-type: application\/json/i.test(head) || body === '') return;
  const said = JSON.parse(body) as { jsonrpc?: string; error?: { code: unknown; message: unknown } };
  if (said.jsonrpc === undefined) return;
  if (said.error)
    assert.ok(Number.isInteger(said.error.code) && typeof said.error.message === 'string', what);
  else assert.ok('result' in said, what);
}
