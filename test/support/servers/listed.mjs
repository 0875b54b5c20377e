// A stdio MCP server whose lists stand in the file that it is told of: `{ "tools": [...], "prompts": [...], ... }`.
// It answers nothing while a file of that name with `.hang` behind it is there. Its tool `reread` reads the lists anew and
// says so; `wait` answers when there is a file of that name with `.done` behind it.
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

const [, , file] = process.argv;
const read = () => JSON.parse(readFileSync(file, 'utf8'));
const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const until = async (condition) => {
  while (!condition()) await delay(20);
};
const keys = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};
let lists = read();

async function call({ name }) {
  if (name === 'wait') await until(() => existsSync(`${file}.done`));
  if (name === 'reread') {
    lists = read();
    for (const kind of ['tools', 'prompts', 'resources'])
      send({ method: `notifications/${kind}/list_changed` });
  }
  return { content: [{ type: 'text', text: `${name} by ${process.pid}` }] };
}

createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line);
  await until(() => !existsSync(`${file}.hang`));
  if (method === 'initialize') {
    const capabilities = { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true } };
    const serverInfo = { name: 'listed', version: '1' };
    send({
      id,
      result: { protocolVersion: params.protocolVersion, capabilities, serverInfo, instructions: 'Be kind.' },
    });
  } else if (method in keys) send({ id, result: { [keys[method]]: lists[keys[method]] ?? [] } });
  else if (method === 'tools/call') send({ id, result: await call(params) });
  else if (method === 'resources/read')
    send({ id, result: { contents: [{ uri: params.uri, text: 'read' }] } });
  else if (method === 'resources/subscribe' || method === 'resources/unsubscribe') send({ id, result: {} });
  else if (id !== undefined) send({ id, error: { code: -32601, message: 'unknown' } });
});
