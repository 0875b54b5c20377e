import assert from 'node:assert/strict';
import { argumentCorpus, resultCorpus } from '../support/corpus';
import { eventually } from '../support/eventually';
import { initialize, initialized, startBridge, targetAt, type TestBridge } from '../support/bridge';
import { legacySession, sendJson, startRawEndpoint, type RawEndpoint } from '../support/raw-endpoint';

/** Sends one event as a server would that breaks lines and chunks where it likes. */
function awkwardStream(message: string): Buffer[] {
  const bytes = Buffer.from(`: hello\r\nevent: message\r\nid: 7\r\ndata: ${message}\r\n\r\n`);
  if (bytes.length > 100_000) return [bytes];
  const chunks: Buffer[] = [];
  for (let at = 0, size = 1; at < bytes.length; at += size, size = (size * 7) % 101) {
    chunks.push(bytes.subarray(at, at + size));
  }
  return chunks;
}

describe('the bridge relays bytes', () => {
  const results = resultCorpus(500);
  const callArguments = argumentCorpus(500);
  let endpoint: RawEndpoint;
  let bridge: TestBridge;

  before(async () => {
    endpoint = await startRawEndpoint(
      legacySession('s1', (request, response) => {
        const id = /"id":(\d+)/.exec(request.body.toString('latin1', 0, 60))?.[1] ?? '';
        const message = `{"jsonrpc":"2.0","id":${id},"result":${results[Number(id) % results.length] ?? '{}'}}`;
        if (Number(id) % 2 === 0) {
          sendJson(response, message);
          return;
        }
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const chunk of awkwardStream(message)) response.write(chunk);
        response.end();
      }),
    );
    bridge = startBridge(async () => targetAt(endpoint.url));
    bridge.send(initialize);
    bridge.send(initialized);
    await bridge.line('"serverInfo"');
  });

  after(async () => {
    await bridge.end();
    await endpoint.stop();
  });

  it('carries 505 results to the client as they were', async () => {
    for (const id of results.keys())
      bridge.send(`{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"t"}}`);
    const lines = await linesFor(bridge, results.length, (id) => id);
    for (const [id, result] of results.entries()) {
      assert.ok(lines.get(id) === `{"jsonrpc":"2.0","id":${id},"result":${result}}`, `result ${id} differs`);
    }
  });

  it('carries 505 objects of arguments to the gateway as they were', async () => {
    const first = 2 * results.length * 1000;
    const sent = callArguments.map(
      (text, i) =>
        ` {"jsonrpc":"2.0", "id":${first + 2 * i},"method":"tools/call","params":{"name":"t","arguments":${text}},"x":1e400}`,
    );
    endpoint.seen.length = 0;
    bridge.lines.length = 0;
    for (const line of sent) bridge.send(line);
    await linesFor(bridge, sent.length, (id) => (id - first) / 2);
    const arrived = new Map(endpoint.seen.map(({ body }) => [idOf(body), body]));
    for (const [i, line] of sent.entries())
      assert.ok(arrived.get(first + 2 * i)?.equals(Buffer.from(line)), `arguments ${i} differ`);
  });
});

/** Waits for the answers to a number of requests, and returns them under their index. */
async function linesFor(
  bridge: TestBridge,
  count: number,
  indexOf: (id: number) => number,
): Promise<Map<number, string>> {
  const answers = (): Buffer[] => bridge.lines.filter((line) => idOf(line) !== undefined);
  await eventually(() => answers().length >= count, 'every answer');
  return new Map(answers().map((line) => [indexOf(idOf(line) ?? -1), line.toString('utf8')]));
}

function idOf(message: Buffer): number | undefined {
  const id = /"id":(\d+)/.exec(message.toString('latin1', 0, 80))?.[1];
  return id === undefined ? undefined : Number(id);
}
