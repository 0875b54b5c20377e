// `npm start [-- --port N]`: set-up, then the built-in gateway with the quick-start servers, in the foreground.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { root, setUp } from './install.mjs';
import { welcome } from './lib/welcome.mjs';

const readyWithinMs = 60_000;
const parent = process.ppid;

try {
  await setUp();
  await runGateway(process.argv.slice(2));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
}

/** Runs the gateway until it ends; later options override the defaults. */
async function runGateway(args) {
  const options = ['--servers', 'examples/quickstart/servers.json', '--port', '8811', ...args];
  const gateway = spawn(process.execPath, ['dist/gateway.cjs', ...options], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) =>
    gateway.on('close', (code, signal) => resolve(signal ? 1 : (code ?? 1))),
  );
  stopTogether(gateway);
  createInterface({ input: gateway.stderr }).on('line', showLogLine);
  createInterface({ input: gateway.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (event.event === 'listening') void announce(event, gateway);
  });
  process.exitCode = await ended;
}

/** Ctrl-C, a signal, or the end of whoever started us (npm does not pass signals on) stops the gateway. */
function stopTogether(gateway) {
  const stop = () => gateway.kill('SIGTERM');
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
  const watch = setInterval(() => process.ppid !== parent && stop(), 500);
  gateway.on('close', () => clearInterval(watch));
}

async function announce({ url, tokenFile }, gateway) {
  try {
    await untilReady(url, gateway);
    const token =
      tokenFile === null ? process.env.MCP_GATEWAY_AUTH_TOKEN : (await readFile(tokenFile, 'utf8')).trim();
    const { servers } = await api(url, 'servers', token);
    const { tools } = await api(url, 'tools', token);
    console.log(welcome({ url, tokenFile, servers, tools }));
  } catch (error) {
    if (gateway.exitCode === null) console.error(`error: ${error.message}`);
  }
}

async function untilReady(url, gateway) {
  const deadline = Date.now() + readyWithinMs;
  while (gateway.exitCode === null) {
    if ((await fetch(new URL('/ready', url))).ok) return;
    if (Date.now() > deadline) throw new Error(`the servers did not settle within ${readyWithinMs / 1000} s`);
    await delay(100);
  }
}

async function api(url, name, token) {
  const response = await fetch(new URL(`/api/${name}`, url), {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`/api/${name} answered ${response.status}: ${await response.text()}`);
  return await response.json();
}

/** Log lines are JSON: people see warnings and errors. Anything else is the program's last word and is shown as it is. */
function showLogLine(line) {
  try {
    const { level, message, server } = JSON.parse(line);
    if (level === 'warn' || level === 'error')
      console.error(`${level}: ${server ? `${server}: ` : ''}${message}`);
  } catch {
    console.error(line);
  }
}
