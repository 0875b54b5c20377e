// A stdio MCP server that stops reading after it has told its one tool, and goes on when the file of its first argument
// exists. It draws a progress bar on standard error, which never ends a line with a line feed.
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [gate] = process.argv.slice(2);
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const lines = createInterface({ input: process.stdin });

lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize')
    send({
      id,
      result: {
        protocolVersion: params.protocolVersion,
        capabilities: { tools: {} },
        serverInfo: { name: 'slow-reader', version: '1' },
      },
    });
  else if (method === 'tools/list') {
    send({ id, result: { tools: [{ name: 'take', inputSchema: { type: 'object' } }] } });
    for (let percent = 1; percent <= 100; percent += 1) process.stderr.write(`loading ${percent} %\r`);
    pause();
  } else if (id !== undefined) send({ id, result: { content: [] } });
});

function pause() {
  lines.pause();
  const timer = setInterval(() => {
    if (!existsSync(gate)) return;
    clearInterval(timer);
    lines.resume();
  }, 20);
}
