// What is called. A subject has a name, where it is a process of its own its `pid`, `caller()` which makes one caller
// `{ call(text): Promise<message>, close() }`, and `stop()`.
import { Connection, messageIn, openSession } from './connection.mjs';
import { upstreamPipe } from './pipe.mjs';
import { serversOf, startGateway, startMcpProxy, startPassThrough, startSupergateway } from './programs.mjs';

export function direct() {
  const pipe = upstreamPipe(1);
  const call = (text) => pipe.request('tools/call', echo('echo', text));
  return {
    name: 'direct (stdio)',
    pid: undefined,
    caller: () => ({ call, close: () => undefined }),
    stop: () => pipe.stop(),
  };
}

export async function passThrough() {
  return await httpSubject(await startPassThrough(1), 'echo');
}

export async function gateway() {
  return await httpSubject(await startGateway(serversOf(1, 1)), 's1__echo');
}

export async function mcpProxy(folder) {
  return await httpSubject(await startMcpProxy(folder, 1), 'echo');
}

export async function supergateway(folder) {
  return await httpSubject(await startSupergateway(folder, 1), 'echo');
}

async function httpSubject({ name, child, url, headers, stop }, tool) {
  const session = await openSession(url, headers);
  let id = 1;
  const caller = () => {
    const connection = new Connection(url);
    const call = async (text) => {
      const message = { jsonrpc: '2.0', id: id++, method: 'tools/call', params: echo(tool, text) };
      return messageIn((await connection.post(session, JSON.stringify(message))).body);
    };
    return { call, close: () => connection.close() };
  };
  return { name, pid: child.pid, caller, stop };
}

const echo = (name, text) => ({ name, arguments: { text } });
