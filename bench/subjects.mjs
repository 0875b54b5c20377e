// What is measured. A subject has a name, where it is a process of its own its `pid`, `caller()` which makes one caller
// `{ call(text): Promise<message>, close() }`, and `stop()`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection, messageIn, openSession } from './connection.mjs';

const here = import.meta.dirname;
export const upstream = path.join(here, 'upstream.mjs');
export const gatewayProgram = path.join(here, '../dist/gateway.cjs');

/** The upstream itself, spoken to over its pipes: no hop at all. */
export async function direct() {
  const child = spawn(process.execPath, [upstream], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map();
  let next = 1;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const message = JSON.parse(line);
      waiting.get(message.id)?.(message);
      waiting.delete(message.id);
    }
  });
  const call = (text) =>
    new Promise((resolve) => {
      waiting.set(next, resolve);
      child.stdin.write(`${callMessage(next++, 'echo', text)}\n`);
    });
  return {
    name: 'direct (stdio)',
    pid: undefined,
    caller: () => ({ call, close: () => undefined }),
    stop: () => void child.kill(),
  };
}

export async function passThrough() {
  const child = spawn(process.execPath, [path.join(here, 'pass-through.mjs'), upstream], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url } = JSON.parse(await firstLine(child.stdout));
  return httpSubject('raw pass-through', child, url, {}, 'echo');
}

/** The gateway with the files that it keeps in a folder of its own; `servers` as in servers.json. */
export async function startGateway(
  servers,
  { folder = mkdtempSync(path.join(os.tmpdir(), 'mcp-bench-')) } = {},
) {
  const file = path.join(folder, 'servers.json');
  writeFileSync(file, JSON.stringify({ servers }));
  const args = [gatewayProgram, '--servers', file, '--port', '0', '--state', path.join(folder, 'state')];
  const env = { ...process.env };
  delete env.MCP_GATEWAY_AUTH_TOKEN;
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const { url, tokenFile } = JSON.parse(await firstLine(child.stdout));
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
  const stop = async ({ keep = false } = {}) => {
    const exit = once(child, 'exit');
    child.kill();
    await exit;
    if (!keep) rmSync(folder, { recursive: true, force: true });
  };
  return { child, url, headers, file, folder, stop };
}

export async function gateway() {
  const started = await startGateway({ bench: { command: process.execPath, args: [upstream] } });
  const { child, url, headers, stop } = started;
  return { ...(await httpSubject('built-in gateway', child, url, headers, 'bench__echo')), stop };
}

/** `mcp-proxy` from npm; `folder` holds its `node_modules`. */
export async function mcpProxy(folder) {
  const program = path.join(folder, 'node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs');
  const options = ['--host', '127.0.0.1', '--server', 'stream'];
  return await otherBridge('mcp-proxy', (port) => [
    program,
    '--port',
    port,
    ...options,
    '--',
    process.execPath,
    upstream,
  ]);
}

/** `supergateway` from npm; `folder` holds its `node_modules`. */
export async function supergateway(folder) {
  const program = path.join(folder, 'node_modules/supergateway/dist/index.js');
  const options = ['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none'];
  return await otherBridge('supergateway', (port) => [
    program,
    ...options,
    '--port',
    port,
    '--stdio',
    `${process.execPath} ${upstream}`,
  ]);
}

async function otherBridge(name, argsFor) {
  const port = await freePort();
  const child = spawn(process.execPath, argsFor(String(port)), { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/mcp`;
  for (let attempt = 0; !(await accepts(port)); attempt += 1) {
    if (attempt > 600 || child.exitCode !== null) throw new Error(`${name} does not listen on port ${port}`);
    await delay(25);
  }
  return httpSubject(name, child, url, {}, 'echo');
}

async function httpSubject(name, child, url, headers, tool) {
  const session = await openSession(url, headers);
  let id = 1;
  const caller = () => {
    const connection = new Connection(url);
    const call = async (text) =>
      messageIn((await connection.post(session, callMessage(id++, tool, text))).body);
    return { call, close: () => connection.close() };
  };
  return { name, pid: child.pid, caller, stop: () => void child.kill('SIGKILL') };
}

function callMessage(id, name, text) {
  return JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: { text } } });
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function accepts(port) {
  const socket = net.connect({ host: '127.0.0.1', port });
  return await new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

/** The first line that a stream carries. */
export function firstLine(stream) {
  return new Promise((resolve, reject) => {
    let text = '';
    const listen = (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      stream.off('data', listen);
      resolve(text.slice(0, text.indexOf('\n')));
    };
    stream.setEncoding('utf8').on('data', listen);
    stream.once('end', () => reject(new Error('the program ended before it listened')));
  });
}
