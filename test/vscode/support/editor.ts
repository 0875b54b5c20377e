import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { eventually, longPatienceMs, patienceMs } from '../../support/eventually';
import { root } from '../../support/gateway';

/** An editor with one folder open, in a browser page. */
export interface Editor {
  page: Page;
  /** The folder with the user's settings and the logs. */
  userData: string;
  /** Opens another folder in the same page; none for an empty window. */
  open(folder: string | undefined): Promise<void>;
  close(): Promise<void>;
}

/** VS Code's server, wherever it runs. */
export interface EditorServer {
  url: string;
  stop(): Promise<void>;
}

export interface EditorOptions {
  /** A server that runs already; one is started by default. */
  server?: EditorServer;
  /** The folder to open; none for an empty window. */
  folder?: string;
  env?: Record<string, string>;
  /** Variables that the editor must not inherit. */
  without?: readonly string[];
  /** Where extensions were installed; empty by default. */
  extensions?: string;
  settings?: Record<string, unknown>;
  /** Runs before the page is loaded. */
  prepare?: (context: BrowserContext) => Promise<void>;
  trust?: boolean;
}

/** The programs of the harness, as `scripts/test-vscode.mjs` passes them. */
export const programs = {
  node: variable('MCP_TEST_EDITOR_NODE'),
  entry: variable('MCP_TEST_EDITOR_ENTRY'),
  chromium: variable('MCP_TEST_CHROMIUM'),
};

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page that the test rewrites counts as public, and may then not speak to a loopback server.
  '--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets,BlockInsecurePrivateNetworkRequests',
];

/** Of the window, in pixels. */
export const viewport = { width: 1140, height: 720 };

/** The editor without what distracts. */
export const settings = {
  'window.title': '${rootName}',
  'workbench.layoutControl.enabled': false,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'git.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'extensions.ignoreRecommendations': true,
  'chat.commandCenter.enabled': false,
  'window.commandCenter': false,
};

/** Starts VS Code's server and opens its workbench in Chromium. */
export async function startEditor(options: EditorOptions = {}): Promise<Editor> {
  const userData = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-'));
  await mkdir(path.join(userData, 'User'), { recursive: true });
  const all = JSON.stringify({ ...settings, ...options.settings });
  await writeFile(path.join(userData, 'User/settings.json'), all);
  const server = options.server ?? (await startServer(userData, options));
  let browser: Browser | undefined;
  try {
    browser = await chromium.launch({
      executablePath: programs.chromium,
      args: browserFlags,
      timeout: longPatienceMs,
    });
    const context = await browser.newContext({ viewport });
    await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: server.url });
    context.setDefaultTimeout(patienceMs);
    context.setDefaultNavigationTimeout(longPatienceMs);
    await options.prepare?.(context);
    const page = await context.newPage();
    const open = async (folder: string | undefined): Promise<void> => {
      await page.goto(`${server.url}/${folder ? `?folder=${encodeURIComponent(folder)}` : '?ew=true'}`);
      await page.locator('.monaco-workbench').waitFor();
    };
    await open(options.folder);
    const opened = browser;
    return {
      page,
      userData,
      open,
      close: async () => {
        await opened.close();
        await server.stop();
        await rm(userData, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await browser?.close();
    await server.stop();
    throw error;
  }
}

/** Installs a .vsix into a new folder of extensions. */
export async function installVsix(vsix: string): Promise<string> {
  const extensions = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-extensions-'));
  const args = [programs.entry, '--install-extension', vsix, '--extensions-dir', extensions];
  const userData = path.join(extensions, '.user-data');
  const child = spawn(programs.node, [...args, '--user-data-dir', userData], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const code = await new Promise((resolve) => child.on('close', resolve));
  if (code !== 0) throw new Error(`the package cannot be installed: ${output}`);
  return extensions;
}

async function startServer(userData: string, options: EditorOptions): Promise<EditorServer> {
  const port = await freePort();
  const args = [
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check',
  ];
  if (options.trust !== false) args.push('--disable-workspace-trust');
  args.push(
    '--user-data-dir',
    userData,
    '--extensions-dir',
    options.extensions ?? path.join(userData, 'extensions'),
  );
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  for (const name of options.without ?? []) Reflect.deleteProperty(env, name);
  const child = spawn(programs.node, [programs.entry, ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += String(chunk)));
  child.stderr.on('data', (chunk) => (output += String(chunk)));
  const url = `http://127.0.0.1:${port}`;
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`the editor ended: ${output}`);
      return (await fetch(`${url}/healthz`)).ok;
    },
    'the editor listening',
    longPatienceMs,
  );
  return {
    url,
    stop: async () => {
      if (child.exitCode !== null || child.pid === undefined) return;
      const exit = new Promise((resolve) => child.once('exit', resolve));
      // The whole group: the server leaves extension hosts behind for clients that might come back.
      process.kill(-child.pid, 'SIGKILL');
      await exit;
    },
  };
}

/** A port of this machine that nobody listens on. */
async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('no port'));
      });
    });
  });
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with "npm run test:vscode"`);
  return value;
}
