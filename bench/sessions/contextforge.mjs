// ContextForge starts no servers by commands: its own `translate` puts each behind a URL, which is then registered.
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { httpSession } from './http-session.mjs';
import { startListener } from './listener.mjs';
import { plainClient } from './ways.mjs';

export function contextForge(programs, servers, folder) {
  return {
    start: async () => {
      const settings = environment(mkdtempSync(path.join(folder, 'contextforge-')));
      const started = await allStarted([
        startGateway(programs, settings),
        ...Object.values(servers).map(async (server) => await startTranslate(programs, settings, server)),
      ]);
      const [gateway, ...translated] = started;
      const headers = { authorization: `Bearer ${tokenOf(settings.env)}` };
      await register(gateway.url, headers, Object.keys(servers), translated);
      const open = async () => await httpSession({ url: `${gateway.url}/mcp`, headers }, plainClient);
      return { open, stop: async () => await stopAll(started) };
    },
  };
}

/** All of them, or none. */
async function allStarted(starting) {
  const outcomes = await Promise.allSettled(starting);
  const failed = outcomes.find(({ status }) => status === 'rejected');
  const started = outcomes.flatMap(({ value }) => value ?? []);
  if (!failed) return started;
  await stopAll(started);
  throw failed.reason;
}

async function stopAll(started) {
  await Promise.all(started.map(async ({ stop }) => await stop()));
}

/** The smallest environment that starts, and one worker of each kind: a gateway for one developer. */
function environment(cwd) {
  const secret = () => randomBytes(48).toString('base64');
  const env = {
    JWT_SECRET_KEY: secret(),
    AUTH_ENCRYPTION_SECRET: secret(),
    PLATFORM_ADMIN_PASSWORD: secret(),
    DEFAULT_USER_PASSWORD: secret(),
    SSRF_ALLOW_LOCALHOST: 'true',
    RATE_LIMITING_ENABLED: 'false',
    LLMCHAT_ENABLED: 'false',
    JQ_FILTER_WORKERS: '1',
    REGEX_WORKERS: '1',
  };
  return { cwd, env };
}

async function startGateway(programs, settings) {
  const gateway = await startListener(
    path.join(programs, 'mcpgateway'),
    (port) => ['--port', port],
    settings,
  );
  for (;;) {
    const response = await fetch(`${gateway.url}/ready`).catch(() => undefined);
    if (response?.ok) return gateway;
    await delay(20);
  }
}

async function startTranslate(programs, { cwd, env }, { command, args, env: more }) {
  const line = [command, ...args].join(' ');
  const options = [
    '-m',
    'mcpgateway.translate',
    '--stdio',
    line,
    '--expose-streamable-http',
    '--host',
    '127.0.0.1',
  ];
  const python = path.join(programs, 'python');
  return await startListener(python, (port) => [...options, '--port', port], {
    cwd,
    env: { ...env, ...more },
  });
}

async function register(url, headers, names, translated) {
  for (const [at, name] of names.entries()) {
    const body = {
      name,
      url: `${translated[at].url}/mcp`,
      transport: 'STREAMABLEHTTP',
      visibility: 'public',
    };
    const response = await fetch(`${url}/v1/gateways`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`ContextForge did not take ${name}: ${await response.text()}`);
  }
}

function tokenOf({ JWT_SECRET_KEY: secret }) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    sub: 'admin@example.com',
    iat: now,
    exp: now + 3600,
    iss: 'mcpgateway',
    aud: 'mcpgateway-api',
    jti: randomUUID(),
    user: { email: 'admin@example.com', full_name: 'bench', is_admin: true, auth_provider: 'cli' },
    teams: null,
  };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
