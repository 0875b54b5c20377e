import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { scanMessage } from '../../../../src/mcp-wire/envelope';
import { StreamPosition } from '../../../../src/gateway/bridge/events';
import { Flight } from '../../../../src/gateway/bridge/flight';
import { messagesIn, withId } from '../../../../src/gateway/bridge/message';
import { headerValue } from '../../../../src/mcp-wire/header-value';
import { OpenServerRequests } from '../../../../src/gateway/bridge/server-requests';
import { MessageWriter } from '../../../../src/gateway/bridge/writer';

describe('the value of a header', () => {
  it('is the text where it is plain ASCII, and base64 elsewhere', () => {
    assert.equal(headerValue('tool name'), 'tool name');
    for (const text of ['é', ' lead', 'trail ', '', 'a\nb', '=?base64?YQ==?=']) {
      const [, encoded] = /^=\?base64\?(.*)\?=$/.exec(headerValue(text)) ?? [];
      assert.equal(Buffer.from(encoded ?? '', 'base64').toString('utf8'), text);
    }
  });
});

describe('a response', () => {
  it('gets back the id that the client chose, and nothing else changes', () => {
    const cases: [string, string, string][] = [
      ['{"id":1,"result":{"n":-0}}', '1', '{"id":1,"result":{"n":-0}}'],
      [
        '{"result":{"id":7}, "id" : 12345678901234567000}',
        '12345678901234567890',
        '{"result":{"id":7}, "id" : 12345678901234567890}',
      ],
      ['{"id":null,"error":{}}', '"a"', '{"id":"a","error":{}}'],
      ['{"error":{}}', '"a"', '{"id":"a","error":{}}'],
    ];
    for (const [bytes, id, expected] of cases)
      assert.equal(withId(Buffer.from(bytes), id).toString(), expected);
  });
});

describe('a batch', () => {
  it('is taken apart into the bytes of its messages', () => {
    const parts = messagesIn(Buffer.from(' [ {"a":1} ,{"b":[ 2 ]}]')).map(String);
    assert.deepEqual(parts, ['{"a":1}', '{"b":[ 2 ]}']);
  });
});

describe('a request under way', () => {
  const flight = (text: string): Flight => {
    const message = scanMessage(Buffer.from(text));
    assert.ok(message.kind === 'request');
    return new Flight(message);
  };
  const modern = '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}';

  it('may be repeated unless it may have effects', () => {
    const repeatable = (method: string): boolean =>
      flight(`{"jsonrpc":"2.0","id":1,"method":"${method}"}`).repeatable;
    assert.deepEqual(['tools/list', 'resources/read', 'tools/call', 'vendor/thing'].map(repeatable), [
      true,
      true,
      false,
      false,
    ]);
  });

  it('belongs to the era that its envelope names', () => {
    const call = flight(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t",${modern}}}`);
    assert.deepEqual(call.modern, {
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 't',
    });
    assert.equal(
      flight('{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}').modern,
      undefined,
    );
  });
});

describe('the questions of the gateway', () => {
  it('are answered once, however the id is written, and not after their session is gone', () => {
    const requests = new OpenServerRequests();
    requests.asked('"a"');
    assert.equal(requests.answered('"\\u0061"'), true);
    requests.asked('1');
    assert.deepEqual(requests.abandonAll(), ['1']);
    assert.equal(requests.answered('1'), false);
    requests.asked('1');
    assert.equal(requests.answered('1'), true);
  });
});

describe('the position in a stream', () => {
  it('follows id and retry and nothing else', () => {
    const position = new StreamPosition();
    for (const line of ['id: 7', 'retry: 250', ': comment', 'event: message', 'retry: soon'])
      position.note(line);
    assert.deepEqual([position.lastEventId, position.retryMs], ['7', 250]);
    position.note('id:');
    assert.equal(position.lastEventId, undefined);
  });
});

describe('the writer', () => {
  it('holds the caller back while the reader is slow', async () => {
    const output = new PassThrough({ highWaterMark: 10 });
    const writer = new MessageWriter(output, new AbortController().signal);
    let done = false;
    const written = writer.write(Buffer.from('{"long":"message"}')).then(() => (done = true));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(done, false);
    assert.equal(String(output.read()), '{"long":"message"}\n');
    await written;
  });
});
