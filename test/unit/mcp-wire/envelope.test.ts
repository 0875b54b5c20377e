import assert from 'node:assert/strict';
import {
  asLine,
  errorBytes,
  requestBytes,
  resultBytes,
  scanMessage,
  splice,
  type Edit,
} from '../../../src/mcp-wire/envelope';
import { LineSplitter } from '../../../src/mcp-wire/lines';
import { Params } from '../../../src/mcp-wire/params';
import { eventBytes, SseParser } from '../../../src/mcp-wire/sse';

function params(text: string): Params {
  const bytes = Buffer.from(text);
  return new Params(bytes, { start: 0, end: bytes.length });
}

describe('a JSON-RPC envelope', () => {
  it('keeps an id as the bytes that it came in', () => {
    for (const id of ['1', '-5', '9007199254740993', '"a\\u0062"', '1.50']) {
      const message = scanMessage(Buffer.from(`{"jsonrpc":"2.0","id":${id},"method":"m"}`));
      assert.equal(message.kind === 'request' && message.id, id);
    }
  });

  it('is classified by its members', () => {
    const kind = (text: string): string => scanMessage(Buffer.from(text)).kind;
    assert.equal(kind('{"jsonrpc":"2.0","method":"m","params":{}}'), 'notification');
    assert.equal(kind('{"jsonrpc":"2.0","id":1,"result":{}}'), 'result');
    assert.equal(kind('{"jsonrpc":"2.0","id":null,"error":{}}'), 'error');
  });

  it('becomes one line without a change of anything but line breaks', () => {
    assert.equal(asLine(Buffer.from('{\r\n"a":\n1}')).toString(), '{  "a": 1}\n');
  });
});

describe('a message that is put together', () => {
  const lengths = [0, 1, 95, 96, 97, 98, 5000];

  it('keeps every byte that is relayed, for any length and any id', () => {
    for (const length of lengths) {
      const value = Buffer.from(`{"é":"${'ü'.repeat(length)}"}`);
      for (const id of ['1', '"日本"', '"\\u00e9"']) {
        assert.equal(
          resultBytes(id, value).toString(),
          `{"jsonrpc":"2.0","id":${id},"result":${value.toString()}}`,
        );
        assert.equal(
          errorBytes(id, value).toString(),
          `{"jsonrpc":"2.0","id":${id},"error":${value.toString()}}`,
        );
      }
      const request = requestBytes(7, 'mé', value).toString();
      assert.equal(request, `{"jsonrpc":"2.0","id":7,"method":"mé","params":${value.toString()}}`);
    }
    assert.equal(requestBytes(7, 'm', undefined).toString(), '{"jsonrpc":"2.0","id":7,"method":"m"}');
  });

  it('applies edits at their places, in any order', () => {
    for (const length of lengths) {
      const text = `${'a'.repeat(length)}[one]${'ü'.repeat(length)}[two]${'c'.repeat(length)}`;
      const bytes = Buffer.from(`>${text}<`);
      const at = (part: string, replacement: string | Buffer): Edit => {
        const start = bytes.indexOf(part);
        return { start, end: start + part.length, replacement };
      };
      const edits = [at('[two]', Buffer.from('2')), at('[one]', '→')];
      const span = { start: 1, end: bytes.length - 1 };
      const expected = text.replace('[one]', '→').replace('[two]', '2');
      assert.equal(splice(bytes, span, edits).toString(), expected);
      assert.equal(splice(bytes, span, edits.slice(1)).toString(), text.replace('[one]', '→'));
      assert.equal(splice(bytes, span, []).toString(), text);
    }
  });
});

describe('the params of a request', () => {
  it('exchange the progress token and nothing else', () => {
    const next = params('{"a":1e400, "_meta" : { "progressToken":"x" ,"k":[1]}}').forNextHop(42);
    assert.equal(next?.toString(), '{"a":1e400, "_meta" : { "progressToken":42 ,"k":[1]}}');
  });

  it('lose the members of _meta that belong to the hop', () => {
    const text =
      '{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","progressToken":1,"io.modelcontextprotocol/related-task":{"taskId":"t"}}}';
    assert.equal(
      params(text).forNextHop(9)?.toString(),
      '{"_meta":{"progressToken":9,"io.modelcontextprotocol/related-task":{"taskId":"t"}}}',
    );
  });

  it('are ambiguous when a routing member occurs twice', () => {
    assert.equal(params('{"name":"a","name":"b"}').ambiguous, true);
    assert.equal(params('{"name":"a","arguments":{"name":"b","name":"c"}}').ambiguous, false);
    assert.equal(params('{"_meta":{"progressToken":1,"x":1,"x":2}}').ambiguous, false);
    assert.equal(params('{"_meta":{"progressToken":1,"progressToken":2}}').ambiguous, true);
  });
});

describe('server-sent events', () => {
  const stream =
    ': comment\r\n\r\nevent: x\rdata: {"a":\rdata:1}\r\r' + 'data: second\n\nid: 1\n\ndata:third\r\n\r\n';

  it('are read the same however the bytes are cut', () => {
    for (let size = 1; size <= stream.length; size += 1) {
      const seen: string[] = [];
      const parser = new SseParser((data) => void seen.push(data.toString()));
      const bytes = Buffer.from(stream);
      for (let at = 0; at < bytes.length; at += size) parser.push(bytes.subarray(at, at + size));
      assert.deepEqual(seen, ['{"a":\n1}', 'second', 'third'], `cut every ${size} bytes`);
    }
  });

  it('are written so that they are read back', () => {
    const seen: string[] = [];
    new SseParser((data) => void seen.push(data.toString())).push(eventBytes('{\n"a":1}', 'name'));
    assert.deepEqual(seen, ['{\n"a":1}']);
  });
});

describe('lines of a stream', () => {
  it('are split at line feeds however the bytes are cut, and over-long ones are dropped and reported', () => {
    const text = 'one\ntwo two\n\nlonger than ten bytes\nlast\n';
    for (let size = 1; size <= text.length; size += 1) {
      const seen: string[] = [];
      const lines = new LineSplitter(
        (line) => void seen.push(line.toString()),
        10,
        () => void seen.push('dropped'),
      );
      for (let at = 0; at < text.length; at += size) lines.push(Buffer.from(text.slice(at, at + size)));
      assert.deepEqual(seen, ['one', 'two two', 'dropped', 'last']);
    }
  });
});
