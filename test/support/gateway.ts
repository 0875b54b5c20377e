import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { eventually } from './eventually';

export const root = path.resolve(__dirname, '../..');
export const program = path.join(root, 'dist/gateway.cjs');

export interface TestGateway {
  url: string;
  base: string;
  token: string;
  process: ChildProcess;
  folder: string;
  stderr(): string;
  /** An authenticated request; `path` starts with a slash. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

export interface TestGatewayOptions {
  servers: Record<string, unknown> | string;
  args?: string[];
  env?: Record<string, string>;
  /** Do not wait for the servers to settle. */
  unsettled?: boolean;
}

/** A real gateway process on a free port, with a state folder of its own. */
export async function startTestGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-gateway-test-'));
  const file = path.join(folder, 'servers.json');
  await writeFile(
    file,
    typeof options.servers === 'string' ? options.servers : JSON.stringify({ servers: options.servers }),
  );
  const args = [
    program,
    '--servers',
    file,
    '--port',
    '0',
    '--state',
    path.join(folder, 'state'),
    ...(options.args ?? []),
  ];
  const env = { ...process.env, ...options.env };
  if (options.env?.['MCP_GATEWAY_AUTH_TOKEN'] === undefined) delete env['MCP_GATEWAY_AUTH_TOKEN'];
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  const listening = await eventually(() => {
    if (child.exitCode !== null) return 'ended' as const;
    return stdout.includes('\n') && (JSON.parse(stdout) as { url: string; tokenFile: string | null });
  }, 'the gateway listening');
  if (listening === 'ended') throw new Error(`the gateway ended: ${stderr}`);
  const token =
    listening.tokenFile === null
      ? (env['MCP_GATEWAY_AUTH_TOKEN'] ?? '')
      : (await readFile(listening.tokenFile, 'utf8')).trim();
  const base = listening.url.replace(/\/mcp$/, '');
  const gateway: TestGateway = {
    url: listening.url,
    base,
    token,
    process: child,
    folder,
    stderr: () => stderr,
    fetch: async (where, init = {}) =>
      await fetch(base + where, {
        ...init,
        headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
      }),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        await exit;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  if (options.unsettled !== true)
    await eventually(async () => (await fetch(`${base}/ready`)).ok, 'the servers settling');
  return gateway;
}

const running = new Set<ChildProcess>();

/** Ends gateways that a failed test has left, so that the run can end. */
export function endLeftGateways(): void {
  for (const child of running) child.kill('SIGKILL');
}

const serverModule = (name: string): string =>
  path.join(root, `node_modules/@modelcontextprotocol/server-${name}/dist/index.js`);

/** Real MCP servers from npm. */
export const realServers = {
  everything: { command: 'node', args: [serverModule('everything')] },
  filesystem: { command: 'node', args: [serverModule('filesystem'), path.join(root, 'examples/quickstart')] },
  memory: {
    command: 'node',
    args: [serverModule('memory')],
    env: { MEMORY_FILE_PATH: '${MCP_GATEWAY_STATE}/memory.jsonl' },
  },
};

/** A stdio server of `test/support/servers/`, run by the Node that runs the tests. */
export function ownServer(name: string, ...args: string[]): { command: string; args: string[] } {
  return {
    command: process.execPath,
    args: [path.join(root, 'test/support/servers', `${name}.mjs`), ...args],
  };
}
