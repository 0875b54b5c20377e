import { memberNamed, membersOf } from './json';

const key = Buffer.from('"isError"');

/** Whether a tool result has `isError: true`. Results that do not contain the key are not scanned. */
export function isErrorResult(body: Buffer): boolean {
  for (let at = body.indexOf(key); at >= 0; at = body.indexOf(key, at + key.length)) {
    if (!/^\s*:\s*true/.test(body.toString('latin1', at + key.length, at + key.length + 64))) continue;
    const member = memberNamed(membersOf(body, 0), 'isError');
    return member !== undefined && body.toString('latin1', member.start, member.end) === 'true';
  }
  return false;
}
