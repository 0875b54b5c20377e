// A stdio MCP server that misbehaves as its first argument says.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const kind = process.argv[2] ?? 'good';
const hold = () => setInterval(() => undefined, 1000);
const stubborn =
  "process.on('SIGTERM',()=>{});process.on('SIGHUP',()=>{});process.stdin.on('end',()=>{});setInterval(()=>{},1000)";

if (kind === 'exit') process.exit(3);
if (kind === 'hang') {
  process.stdin.resume();
  hold();
}
if (kind === 'stubborn') {
  process.on('SIGTERM', () => undefined);
  process.on('SIGHUP', () => undefined);
  hold();
}
// A child of our own in the same group, and one in a session of its own; neither listens to anybody.
if (kind === 'forks') spawn(process.execPath, ['-e', stubborn], { stdio: 'ignore' });
if (kind === 'daemon') spawn(process.execPath, ['-e', stubborn], { stdio: 'ignore', detached: true }).unref();
if (kind === 'garbage') process.stdout.write('this is not JSON-RPC\n{"neither":"is this"}\n');

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const tools = ['ping', 'crash', 'never', 'progress'].map((name) => ({
  name,
  inputSchema: { type: 'object' },
}));
if (kind === 'long-names') tools.push({ name: 'a'.repeat(65), inputSchema: { type: 'object' } });
let cancelled = [];

if (kind !== 'hang') {
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, method, params } = JSON.parse(line);
    if (method === 'initialize') {
      send({
        id,
        result: {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: `nasty-${kind}`, version: '1' },
        },
      });
    } else if (method === 'tools/list') send({ id, result: { tools } });
    else if (method === 'notifications/cancelled') cancelled.push(params.requestId);
    else if (method === 'tools/call') {
      if (params.name === 'crash') process.exit(9);
      if (params.name === 'never') return;
      if (kind === 'null-result') {
        send({ id, result: null });
        return;
      }
      if (params.name === 'progress') {
        for (let i = 1; i <= 3; i += 1)
          send({
            method: 'notifications/progress',
            params: { progressToken: params._meta.progressToken, progress: i, total: 3 },
          });
      }
      send({
        id,
        result: {
          content: [
            {
              type: 'text',
              text: `${params.name} of ${process.argv[3] ?? kind}; cancelled: ${cancelled.length}`,
            },
          ],
        },
      });
    } else if (id !== undefined) send({ id, error: { code: -32601, message: 'unknown' } });
  });
}
