import assert from 'node:assert/strict';
import { readRequest, WholeRequest } from '../../../../../src/builtin/edge/fast-path/request';

const body = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
const head = [
  'POST /mcp HTTP/1.1',
  'Host: localhost:8811',
  'Content-Type: application/json',
  'Accept:application/json, text/event-stream',
  'connection: keep-alive',
  `Content-Length: ${body.length} `,
];

function bytesOf(lines: readonly string[], content = body): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${content}`, 'latin1');
}

function read(lines: readonly string[], content = body): WholeRequest | 'other' | undefined {
  return readRequest(bytesOf(lines, content), undefined);
}

function whole(request: WholeRequest | 'other' | undefined): WholeRequest {
  assert.ok(request instanceof WholeRequest);
  return request;
}

describe('a request of the fast path', () => {
  it('is read with its path, its headers under lower-case names, and its body', () => {
    const request = whole(read(head));
    assert.equal(request.url, '/mcp');
    assert.equal(request.body.toString(), body);
    assert.deepEqual(request.headers, {
      host: 'localhost:8811',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      connection: 'keep-alive',
      'content-length': String(body.length),
    });
  });

  it('is waited for, wherever it is cut', () => {
    const bytes = bytesOf(head);
    for (let end = 0; end < bytes.length; end += 1)
      assert.equal(readRequest(bytes.subarray(0, end), undefined), undefined, `after ${end} bytes`);
  });

  it('ends where its body ends, whatever follows', () => {
    const request = whole(readRequest(Buffer.concat([bytesOf(head), bytesOf(head)]), undefined));
    assert.equal(request.body.toString(), body);
  });

  it('is not read again when its head is that of the one before, and is when a byte of it differs', () => {
    const first = whole(read(head));
    const second = whole(readRequest(bytesOf(head, body.replace('"id":1', '"id":2')), first.head));
    assert.equal(second.head, first.head);
    assert.match(second.body.toString(), /"id":2/);
    const other = whole(readRequest(bytesOf(['POST /mcq HTTP/1.1', ...head.slice(1)]), first.head));
    assert.equal(other.url, '/mcq');
  });

  const [, host = ''] = head;
  const length = `content-length: ${body.length}`;
  const others: Record<string, readonly string[]> = {
    'has another method': ['GET /mcp HTTP/1.1', host, length],
    'is of another version': ['POST /mcp HTTP/1.0', host, length],
    'names a whole address': ['POST http://localhost/mcp HTTP/1.1', host, length],
    'has no host': ['POST /mcp HTTP/1.1', length],
    'has two hosts': [...head, 'host: elsewhere'],
    'has no length': ['POST /mcp HTTP/1.1', host],
    'has two lengths': [...head, length],
    'has two equal lengths in one line': ['POST /mcp HTTP/1.1', host, 'content-length: 5, 5'],
    'has a signed length': ['POST /mcp HTTP/1.1', host, 'content-length: +5'],
    'has a length in hexadecimal': ['POST /mcp HTTP/1.1', host, 'content-length: 0x5'],
    'is longer than is read at one time': ['POST /mcp HTTP/1.1', host, 'content-length: 65536'],
    'comes in chunks': [...head, 'transfer-encoding: chunked'],
    'waits to be asked for its body': [...head, 'expect: 100-continue'],
    'wants another protocol': [...head, 'upgrade: websocket'],
    'closes its connection': ['POST /mcp HTTP/1.1', host, length, 'connection: close'],
    'has any header twice': [...head, 'accept: */*'],
    'has a folded line': [...head, ' and more'],
    'has a space before a colon': [...head, 'x-more : 1'],
    'has a line without a name': [...head, ': 1'],
    'ends a line by a line feed alone': [...head, 'x: 1\ny: 2'],
    'has a null byte in a value': [...head, 'x: \0'],
    'has a value that is not ASCII': [...head, 'x: \u00e9'],
    'has a name that every object has': [...head, '__proto__: 1'],
    'has a head of more than 16 KiB': [...head, `x: ${'a'.repeat(17_000)}`],
  };
  for (const [what, lines] of Object.entries(others))
    it(`is left to Node when it ${what}`, () => assert.equal(read(lines), 'other'));

  it('is left to Node as soon as it cannot become one', () => {
    assert.equal(readRequest(Buffer.from('GET'), undefined), 'other');
    assert.equal(readRequest(Buffer.from('\u0016\u0003\u0001'), undefined), 'other');
    assert.equal(readRequest(Buffer.from(`POST /${'a'.repeat(17_000)}`), undefined), 'other');
  });
});
