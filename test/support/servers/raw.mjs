// A stdio MCP server that works on bytes: `raw` answers each call with the bytes of the file it is told of, and
// `record` writes the line of the call as it came to the file of the first argument. With `modern` as the second argument
// it is a server of 2026-07-28, else of the legacy era.
import { appendFileSync, readFileSync } from 'node:fs';

const [record, era] = process.argv.slice(2);
const capabilities = '"capabilities":{"tools":{}}';
const info = '"serverInfo":{"name":"raw","version":"1"}';
const tools =
  '"tools":[{"name":"raw","inputSchema":{"type":"object"}},{"name":"record","inputSchema":{"type":"object"}}]';
const completed = '"resultType":"complete"';
const caching = '"ttlMs":0,"cacheScope":"private"';
const known =
  era === 'modern'
    ? {
        'server/discover': `{${completed},${caching},"supportedVersions":["2026-07-28"],${capabilities},${info}}`,
        'tools/list': `{${completed},${caching},${tools}}`,
      }
    : { initialize: `{"protocolVersion":"2025-11-25",${capabilities},${info}}`, 'tools/list': `{${tools}}` };

let rest = Buffer.alloc(0);
const write = (id, bytes) =>
  process.stdout.write(
    Buffer.concat([Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":`), bytes, Buffer.from('}\n')]),
  );

process.stdin.on('data', (chunk) => {
  rest = Buffer.concat([rest, chunk]);
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    handle(rest.subarray(0, end));
    rest = rest.subarray(end + 1);
  }
});

function handle(line) {
  const head = line.toString('utf8', 0, Math.min(line.length, 1000));
  const id = /"id":(\d+)/.exec(head)?.[1];
  const method = /"method":"([^"]+)"/.exec(head)?.[1];
  if (known[method] !== undefined) write(id, Buffer.from(known[method]));
  else if (method === 'tools/call' && head.includes('"name":"record"')) {
    appendFileSync(record, Buffer.concat([line, Buffer.from('\n')]));
    write(id, Buffer.from(era === 'modern' ? `{${completed},"content":[]}` : '{"content":[]}'));
  } else if (method === 'tools/call')
    write(id, readFileSync(JSON.parse(line.toString('utf8')).params.arguments.file));
}
