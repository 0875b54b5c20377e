import assert from 'node:assert/strict';
import net from 'node:net';
import { patienceMs } from '../support/eventually';
import type { TestGateway } from '../support/gateway';
import type { Malformed } from './malformed';

/** So long the other side may be silent: a request that may go unanswered is given up soon. */
const silence = { mayClose: 700, answered: patienceMs };

/** What a client has to send requests with. */
export interface Identity {
  token: string;
  sessions: Record<'usual' | 'batches', string>;
}

/** The bytes of a request. */
export function bytesOf(one: Malformed, { token, sessions }: Identity): Buffer {
  if (one.raw !== undefined) return Buffer.from(one.raw.replace('TOKEN', token), 'latin1');
  const body = Buffer.from(one.body ?? '');
  const own = new Set((one.headers ?? []).map((line) => line.split(':')[0]));
  const usual = [
    'host: 127.0.0.1',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    'accept: application/json, text/event-stream',
    'connection: close',
    ...(one.session === undefined ? [] : [`mcp-session-id: ${sessions[one.session]}`]),
  ].filter((line) => !own.has(line.split(':')[0] ?? ''));
  const lines = [...usual, ...(one.headers ?? []), `content-length: ${body.length}`];
  const head = `${one.line ?? 'POST /mcp HTTP/1.1'}\r\n${lines.join('\r\n')}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/**
 * Sends bytes over a connection of their own and resolves with what came back, when the other side closed or was silent.
 * A broken connection gets nothing back.
 */
export async function exchange(
  gateway: TestGateway,
  bytes: Buffer,
  { then, mayClose }: Pick<Malformed, 'then' | 'mayClose'>,
): Promise<string> {
  const socket = net.connect({ host: '127.0.0.1', port: Number(new URL(gateway.base).port) });
  const chunks: Buffer[] = [];
  await new Promise<void>((resolve) => {
    socket.setTimeout(mayClose === true ? silence.mayClose : silence.answered, () => socket.destroy());
    socket.on('data', (chunk) => void chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.write(bytes, () => {
      if (then === 'end') socket.end();
      else if (then === 'reset') socket.resetAndDestroy();
    });
  });
  return Buffer.concat(chunks).toString('utf8');
}

/** An answer is right when HTTP or JSON-RPC says what was wrong, or that nothing was; never a failure of the gateway. */
export function assertRight(
  answer: string,
  what: string,
  one: Pick<Malformed, 'mayClose' | 'refused'>,
): void {
  if (answer === '' && one.mayClose === true) return;
  const [, status = ''] = /^HTTP\/1\.1 (\d{3}) /.exec(answer) ?? [];
  assert.match(status, /^[24]\d\d$/, `${what}: ${answer.slice(0, 300)}`);
  const bytes = Buffer.from(answer);
  const start = bytes.indexOf('\r\n\r\n') + 4;
  const head = answer.slice(0, answer.indexOf('\r\n\r\n'));
  const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
  // The answer to HEAD has the length of a body and no body.
  const bare = bytes.subarray(start, start + 5).equals(Buffer.from('HTTP/'));
  const end = bare ? start : length === undefined ? bytes.length : start + Number(length);
  // A request that was cut can leave another one behind it, which is answered too.
  if (end < bytes.length) assertRight(bytes.toString('utf8', end), what, one);
  const errors = saidIn(head, bytes.toString('utf8', start, end)).map((said) => assertMessage(said, what));
  if (one.refused === true) {
    const error = status.startsWith('4') || (errors.length > 0 && errors.every(Boolean));
    assert.ok(error, `${what} is refused: ${answer.slice(0, 300)}`);
  }
}

/** The JSON values of a body: one, or those of the events of a stream as far as it came. */
function saidIn(head: string, body: string): unknown[] {
  if (body === '') return [];
  if (/\r\ncontent-type: application\/json/i.test(head)) {
    const said: unknown = JSON.parse(body);
    return Array.isArray(said) ? said : [said];
  }
  if (!/\r\ncontent-type: text\/event-stream/i.test(head)) return [];
  return [...body.matchAll(/^data: (\{.*\})$/gm)].map(([, data = '']): unknown => JSON.parse(data));
}

/** A JSON value of an answer is right. Returns whether it is an error. What is no JSON-RPC is an answer of the API, or says what is wrong in words. */
export function assertMessage(said: unknown, what: string): boolean {
  const text = `${what}: ${JSON.stringify(said).slice(0, 300)}`;
  const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
  const message = membersOf(said, text);
  const error = message['error'] === undefined ? undefined : membersOf(message['error'], text);
  if (message['jsonrpc'] === undefined) {
    if (error) assert.ok([error['code'], error['message'], error['next']].every(isText), text);
    return error !== undefined;
  }
  assert.equal(message['jsonrpc'], '2.0', text);
  if (message['method'] !== undefined) return false;
  assert.ok((message['result'] === undefined) === (error !== undefined), text);
  if (error) assert.ok(Number.isInteger(error['code']) && isText(error['message']), text);
  return error !== undefined;
}

function membersOf(value: unknown, text: string): Record<string, unknown> {
  assert.ok(typeof value === 'object' && value !== null, text);
  return Object.fromEntries(Object.entries(value));
}
