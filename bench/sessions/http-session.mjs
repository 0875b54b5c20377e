// A session of an AI client over Streamable HTTP: its requests, and the stream on which the server asks and tells.
import http from 'node:http';
import { Connection, messageIn, openSession } from '../connection.mjs';

/** Opens a session and resolves, once its tools are listed, with `{ tools, call(ending), close }`; `ending` is how the name of a tool ends. */
export async function httpSession({ url, headers }, { capabilities, answer }) {
  const session = await openSession(url, headers, capabilities);
  const connection = new Connection(url);
  const send = async (message) =>
    await connection.post(session, JSON.stringify({ jsonrpc: '2.0', ...message }));
  const stream = listen(url, session, (message) =>
    // A session that ends meanwhile needs no answer.
    answerOn(url, session, message, answer).catch(() => undefined),
  );
  const tools = [];
  for (let id = 1, cursor; id === 1 || cursor !== undefined; id += 1) {
    const { body } = await send({ id, method: 'tools/list', params: cursor === undefined ? {} : { cursor } });
    const { result, error } = messageIn(body);
    if (!result) throw new Error(`${url} lists no tools: ${JSON.stringify(error)}`);
    tools.push(...result.tools);
    cursor = result.nextCursor;
  }
  const call = async (ending) => {
    const { name } = tools.find((tool) => tool.name.endsWith(ending));
    await send({ id: 0, method: 'tools/call', params: { name, arguments: { message: 'hello' } } });
  };
  const close = async () => {
    stream.destroy();
    connection.close();
    const answer = await fetch(url, { method: 'DELETE', headers: session });
    await answer.arrayBuffer();
  };
  return { tools: tools.length, call, close };
}

/** A server may refuse the stream; a client goes on without it. */
function listen(url, headers, onMessage) {
  const request = http.get(
    url,
    { headers: { ...headers, accept: 'text/event-stream' }, agent: false },
    (response) => {
      let rest = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop();
        for (const line of lines)
          if (line.startsWith('data: {')) onMessage(JSON.parse(line.slice('data: '.length)));
      });
      response.on('error', () => undefined);
    },
  );
  return request.on('error', () => undefined);
}

async function answerOn(url, session, { id, method }, answer) {
  if (method === undefined || id === undefined) return;
  const connection = new Connection(url);
  await connection.post(session, JSON.stringify({ jsonrpc: '2.0', id, result: answer(method) }));
  connection.close();
}
