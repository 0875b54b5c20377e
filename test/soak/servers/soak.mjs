// A stdio MCP server for long runs. `ping` answers with the first argument of the program; `progress` reports as often as it
// is told, with that argument as the message, and answers at once; `wait` says by progress
// that it has begun and answers nothing; `cancelled` tells which waits were cancelled, and when; `crash` ends the process.
import { createInterface } from 'node:readline';

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const now = () => performance.timeOrigin + performance.now();
const tools = ['ping', 'progress', 'wait', 'cancelled', 'crash'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
}));
const [text = ''] = process.argv.slice(2);
const waits = new Map();
const cancelled = [];

const calls = {
  ping: () => text,
  progress: (_id, { count }, progressToken) => {
    for (let progress = 1; progress <= count; progress += 1)
      send({
        method: 'notifications/progress',
        params: { progressToken, progress, total: count, message: text },
      });
    return String(count);
  },
  wait: (id, { tag }, progressToken) => {
    waits.set(id, tag);
    send({ method: 'notifications/progress', params: { progressToken, progress: 0 } });
  },
  cancelled: () => JSON.stringify(cancelled.splice(0)),
  crash: () => process.exit(9),
};

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const serverInfo = { name: 'soak', version: '1' };
    send({
      id,
      result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo },
    });
  } else if (method === 'tools/list') send({ id, result: { tools } });
  else if (method === 'notifications/cancelled') {
    // A cancel of something that does not wait here is told as well: it has come to the wrong server.
    cancelled.push({ tag: waits.get(params.requestId) ?? null, at: now() });
    waits.delete(params.requestId);
  } else if (method === 'tools/call') {
    const said = calls[params.name](id, params.arguments, params._meta?.progressToken);
    if (said !== undefined) send({ id, result: { content: [{ type: 'text', text: said }] } });
  } else if (id !== undefined) send({ id, error: { code: -32601, message: 'unknown' } });
});
