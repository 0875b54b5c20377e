// The programs that are measured, started. Each resolves once it listens, with `{ name, child, url, headers, stop }`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const here = import.meta.dirname;
const gatewayProgram = path.join(here, '../dist/gateway.cjs');
export const upstream = path.join(here, 'upstream.mjs');

/** `count` servers as in servers.json that share `tools` tools; the first ones get those that do not divide evenly. */
export function serversOf(count, tools, more = {}) {
  const share = (i) => Math.floor(tools / count) + (i < tools % count ? 1 : 0);
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `s${i + 1}`,
      { command: process.execPath, args: [upstream, String(share(i))], ...more },
    ]),
  );
}

/** The gateway with the files that it keeps in a folder of its own; `servers` as in servers.json. */
export async function startGateway(
  servers,
  {
    folder = mkdtempSync(path.join(os.tmpdir(), 'mcp-bench-')),
    program = gatewayProgram,
    env = process.env,
  } = {},
) {
  const file = path.join(folder, 'servers.json');
  writeFileSync(file, JSON.stringify({ servers }));
  const args = [program, '--servers', file, '--port', '0', '--state', path.join(folder, 'state')];
  const { MCP_GATEWAY_AUTH_TOKEN: _, ...own } = env;
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env: own });
  const { url, tokenFile } = JSON.parse(await firstLine(child.stdout));
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
  const stop = async ({ keep = false } = {}) => {
    await end(child, 'SIGTERM');
    if (!keep) rmSync(folder, { recursive: true, force: true });
  };
  return { name: 'built-in gateway', child, url, headers, file, folder, tokenFile, stop };
}

/** The raw pass-through before a server with `tools` tools. */
export async function startPassThrough(tools) {
  const args = [path.join(here, 'pass-through.mjs'), upstream, String(tools)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const { url } = JSON.parse(await firstLine(child.stdout));
  return { name: 'raw pass-through', child, url, headers: {}, stop: () => end(child, 'SIGKILL') };
}

/** `mcp-proxy` from npm; `folder` holds its `node_modules`. */
export async function startMcpProxy(folder, tools) {
  const program = path.join(folder, 'node_modules/mcp-proxy/dist/bin/mcp-proxy.mjs');
  const options = ['--host', '127.0.0.1', '--server', 'stream'];
  const server = [process.execPath, upstream, String(tools)];
  return await startBridge('mcp-proxy', (port) => [program, '--port', port, ...options, '--', ...server]);
}

/** `supergateway` from npm; `folder` holds its `node_modules`. */
export async function startSupergateway(folder, tools) {
  const program = path.join(folder, 'node_modules/supergateway/dist/index.js');
  const options = ['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none'];
  const server = `${process.execPath} ${upstream} ${tools}`;
  return await startBridge('supergateway', (port) => [
    program,
    ...options,
    '--port',
    port,
    '--stdio',
    server,
  ]);
}

/** The version of a package in a folder's `node_modules`. */
export function versionIn(folder, name) {
  return JSON.parse(readFileSync(`${folder}/node_modules/${name}/package.json`, 'utf8')).version;
}

/** These tell nobody when they listen: their port is tried every 5 ms. */
async function startBridge(name, argsFor) {
  const port = await freePort();
  const child = spawn(process.execPath, argsFor(String(port)), { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/mcp`;
  const patience = Date.now() + 15_000;
  while (!(await accepts(port))) {
    if (Date.now() > patience || child.exitCode !== null)
      throw new Error(`${name} does not listen on port ${port}`);
    await delay(5);
  }
  return { name, child, url, headers: {}, stop: () => end(child, 'SIGKILL') };
}

export async function end(child, signal) {
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

export async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export async function accepts(port) {
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
