// A stdio MCP server that works on bytes: `raw` answers each call with the bytes of the file it is told of, and
// `record` writes the line of the call as it came to a file.
import { appendFileSync, readFileSync } from 'node:fs';

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
  const head = line.toString('utf8', 0, Math.min(line.length, 300));
  const id = /"id":(\d+)/.exec(head)?.[1];
  const method = /"method":"([^"]+)"/.exec(head)?.[1];
  if (method === 'initialize')
    write(
      id,
      Buffer.from(
        '{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"raw","version":"1"}}',
      ),
    );
  else if (method === 'tools/list')
    write(
      id,
      Buffer.from(
        '{"tools":[{"name":"raw","inputSchema":{"type":"object"}},{"name":"record","inputSchema":{"type":"object"}}]}',
      ),
    );
  else if (method === 'tools/call' && head.includes('"name":"record"')) {
    appendFileSync(process.argv[2], Buffer.concat([line, Buffer.from('\n')]));
    write(id, Buffer.from('{"content":[]}'));
  } else if (method === 'tools/call')
    write(id, readFileSync(JSON.parse(line.toString('utf8')).params.arguments.file));
}
