// How the sessions of AI clients get to the servers. A way has a `name` and `start()`, which resolves, once sessions can
// be opened, with `{ open(), stop() }`; `open()` resolves, once a session has its tools, with `{ tools, close() }`.
// `own` says that every session starts its own servers: nothing is there before it.
import { rmSync } from 'node:fs';
import path from 'node:path';
import { startGateway } from '../programs.mjs';
import { httpSession } from './http-session.mjs';
import { pipeSession } from './pipe-session.mjs';

const cli = path.join(import.meta.dirname, '../../dist/cli.js');

/** A client that a server cannot ask for anything. */
export const plainClient = { capabilities: {}, answer: () => ({}) };

/** A client that tells which folders it works in. A server that asks for them has one process for each session that calls it. */
export const clientWithRoots = { capabilities: { roots: {} }, answer: () => ({ roots: [] }) };

/** Each session starts its own copy of every server. */
export function direct(servers, client = plainClient) {
  const open = async () =>
    await together(Object.values(servers).map(async (server) => await pipeSession(server, client)));
  return {
    name: 'direct',
    own: true,
    start: async () => await Promise.resolve({ open, stop: () => undefined }),
  };
}

/** Through the gateway by its URL. `folder` holds its files and outlives it. */
export function byUrl(servers, folder, { name = 'gateway, by URL', client = plainClient, calls = [] } = {}) {
  const way = throughGateway(name, servers, folder, async (gateway) => await httpSession(gateway, client));
  return { ...way, calls };
}

/** Through the gateway by the command `connect`, one process for each session. */
export function byConnect(servers, folder, client = plainClient) {
  return throughGateway('gateway, by `connect`', servers, folder, async ({ url, tokenFile }) => {
    const args = [cli, 'connect', '--url', url, '--token-file', tokenFile, '--driver', 'builtin'];
    return await pipeSession({ command: process.execPath, args }, client);
  });
}

function throughGateway(name, servers, folder, open) {
  return {
    name,
    start: async () => {
      const gateway = await startGateway(servers, { folder });
      return { open: async () => await open(gateway), stop: async () => await gateway.stop({ keep: true }) };
    },
  };
}

/** Several sessions of one client, as one. */
export async function together(opening) {
  const parts = await Promise.all(opening);
  return {
    tools: parts.reduce((sum, { tools }) => sum + tools, 0),
    close: async () => await Promise.all(parts.map(async ({ close }) => await close())),
  };
}

/** Forgets what a gateway knew. */
export function forget(folder) {
  rmSync(path.join(folder, 'state'), { recursive: true, force: true });
}
