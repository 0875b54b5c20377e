// What is measured: each subject is started, called, and asked for its process id.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname;
const upstream = path.join(here, 'upstream.mjs');

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
  const call = (method, params) =>
    new Promise((resolve) => {
      waiting.set(next, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: next++, method, params })}\n`);
    });
  return {
    name: 'direct (stdio)',
    pid: undefined,
    call: (text) => call('tools/call', { name: 'echo', arguments: { text } }),
    stop: () => void child.kill(),
  };
}

export async function passThrough() {
  const child = spawn(process.execPath, [path.join(here, 'pass-through.mjs'), upstream], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const { url } = JSON.parse(await firstLine(child.stdout));
  return {
    name: 'raw pass-through',
    pid: child.pid,
    call: caller(url, 'echo', {}),
    stop: () => void child.kill(),
  };
}

export async function gateway() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mcp-bench-'));
  writeFileSync(
    path.join(folder, 'servers.json'),
    JSON.stringify({ servers: { bench: { command: process.execPath, args: [upstream] } } }),
  );
  const program = path.join(here, '../dist/gateway.cjs');
  const args = [program, '--servers', path.join(folder, 'servers.json'), '--port', '0', '--state', folder];
  const env = { ...process.env };
  delete env.MCP_GATEWAY_AUTH_TOKEN;
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'], env });
  const { url, tokenFile } = JSON.parse(await firstLine(child.stdout));
  const headers = { authorization: `Bearer ${readFileSync(tokenFile, 'utf8').trim()}` };
  const opened = await post(url, headers, {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
  });
  const session = { ...headers, 'mcp-session-id': opened.headers['mcp-session-id'] };
  return {
    name: 'built-in gateway',
    pid: child.pid,
    call: caller(url, 'bench__echo', session),
    stop: () => {
      child.once('exit', () => rmSync(folder, { recursive: true, force: true }));
      child.kill();
    },
  };
}

const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
let id = 1;

function caller(url, name, headers) {
  return async (text) => {
    const { body } = await post(url, headers, {
      jsonrpc: '2.0',
      id: id++,
      method: 'tools/call',
      params: { name, arguments: { text } },
    });
    return JSON.parse(body);
  };
}

function post(url, headers, message) {
  const body = JSON.stringify(message);
  return new Promise((resolve, reject) => {
    const request = http.request(
      url,
      {
        method: 'POST',
        agent,
        headers: {
          ...headers,
          accept: 'application/json, text/event-stream',
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ headers: response.headers, body: text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

function firstLine(stream) {
  return new Promise((resolve) => {
    let text = '';
    const listen = (chunk) => {
      text += chunk;
      if (!text.includes('\n')) return;
      stream.off('data', listen);
      resolve(text);
    };
    stream.setEncoding('utf8').on('data', listen);
  });
}
