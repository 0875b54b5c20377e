// The baseline: an HTTP server that re-maps ids to one stdio server and does nothing else. No token, no sessions, no
// names, no limits: what any gateway in Node has to pay at least.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';

const child = spawn(process.execPath, process.argv.slice(2), { stdio: ['pipe', 'pipe', 'inherit'] });
const waiting = new Map();
let next = 1;
let rest = '';

child.stdout.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const message = JSON.parse(line);
    const pending = waiting.get(message.id);
    waiting.delete(message.id);
    if (!pending) continue;
    const body = JSON.stringify({ ...message, id: pending.id });
    pending.response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    pending.response.end(body);
  }
});

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const message = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (message.id === undefined) {
      response.writeHead(202).end();
    } else {
      waiting.set(next, { id: message.id, response });
      message.id = next++;
    }
    child.stdin.write(`${JSON.stringify(message)}\n`);
  });
});

server.listen(0, '127.0.0.1', () =>
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/mcp` })),
);
process.on('SIGTERM', () => {
  child.kill();
  process.exit(0);
});
