// The MCP server behind every subject of the benchmark, at the least cost that JSON allows. It has as many tools as the
// first argument says; the first one is `echo`.
let rest = '';
process.stdin.setEncoding('utf8').on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) answer(JSON.parse(line));
});

const count = Number(process.argv[2]);
const names = Array.from({ length: count }, (_, i) => (i === 0 ? 'echo' : `tool_${i}`));
const tools = names.map((name) => ({
  name,
  description: `Returns its text. It is called ${name}, takes one argument and keeps nothing; what it is given comes back.`,
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string', description: 'What to say back.' } },
    required: ['text'],
  },
}));

function answer({ id, method, params }) {
  if (id === undefined) return;
  const result =
    method === 'initialize'
      ? {
          protocolVersion: params.protocolVersion,
          capabilities: { tools: {} },
          serverInfo: { name: 'bench', version: '1' },
        }
      : method === 'tools/list'
        ? { tools }
        : { content: [{ type: 'text', text: params.arguments?.text ?? '' }] };
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
}
