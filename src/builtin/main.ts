import path from 'node:path';
import { AppError, messageOf, nextTextOf } from '../platform/errors';
import { jsonLogger, type Logger } from '../platform/log';
import { sentence } from '../platform/sentence';
import { workspaceStateDir } from '../platform/state';
import { version } from '../platform/version';
import { serveStdio, startGateway, type RunningGateway } from './gateway';
import { healthcheck } from './assembly/healthcheck';
import { childEnvironment } from './upstream/transports/child-environment';
import { parseInvocation, type GatewayOptions } from './assembly/options';
import { runSampleServer } from './sample-server';
import { locateWorkspace } from './assembly/workspace';
import { late } from '../platform/late';

/** The gateway program: `node gateway.cjs [options]`. */
async function main(): Promise<void> {
  const invocation = parseInvocation(process.argv.slice(2), process.env);
  switch (invocation.mode) {
    case 'version':
      process.stdout.write(`${version}\n`);
      return;
    case 'healthcheck':
      process.exitCode = await healthcheck(invocation.port);
      return;
    case 'sample-server':
      runSampleServer(process.stdin, (bytes) => void process.stdout.write(bytes));
      return;
    case 'serve':
      await serve(invocation.options);
  }
}

async function serve(options: GatewayOptions): Promise<void> {
  const log = jsonLogger((line) => void process.stderr.write(line));
  await enterWorkspace(options, log);
  const state = path.resolve(options.state ?? path.join(await workspaceStateDir(process.cwd()), 'gateway'));
  // An error in one request must not end the servers of all clients.
  process.on('unhandledRejection', (error) =>
    log.log('error', sentence(`Unhandled rejection: ${messageOf(error)}`)),
  );
  const env = takeEnvironment(options);
  const host = { options: { ...options, state }, env, log, onRestart: () => stop() };
  const starting: Promise<Pick<RunningGateway, 'close'> & { ended?: Promise<void> }> = options.stdio
    ? serveStdio(host, process.stdin, process.stdout)
    : startGateway(host).then(announce);
  if (options.stdio) keepObjectsYoung();
  const hurry = new AbortController();
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    starting
      .then(async (running) => running.close(hurry.signal))
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.log('error', sentence(`The gateway did not shut down cleanly: ${messageOf(error)}`));
          process.exit(1);
        },
      );
  };
  // The second signal ends the wait for calls under way.
  const signalled = (): void => (stopping ? hurry.abort() : stop());
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, signalled);
  const { ended } = await starting;
  if (!ended) return;
  await ended;
  stop();
}

function announce(running: RunningGateway): RunningGateway {
  const { url, token } = running;
  const event = { event: 'listening', url, pid: process.pid, tokenFile: token.file };
  process.stdout.write(`${JSON.stringify(event)}\n`);
  keepObjectsYoung();
  return running;
}

/**
 * By default, V8 allocates objects that usually survive a collection directly in the old generation. Call records are such
 * objects. They would then keep everything of their call alive until the next full collection, which costs a third more
 * CPU per call.
 */
function keepObjectsYoung(): void {
  late.v8.setFlagsFromString('--no-allocation-site-pretenuring');
}

/**
 * The environment of the gateway. What only the gateway may know is removed from the environment of the process, so that
 * no child can inherit it.
 */
function takeEnvironment({ env, serverUser, state }: GatewayOptions): NodeJS.ProcessEnv {
  const all = { ...process.env };
  // What every server gets stays, also where servers.json may refer to it.
  const shared = childEnvironment(all);
  for (const name of Object.keys(all))
    if ((env.includes(name) && shared[name] === undefined) || onlyForGateway.test(name))
      Reflect.deleteProperty(process.env, name);
  // The home in the environment is that of the servers. Programs that the gateway runs must not read files from there.
  if (serverUser !== undefined && state !== undefined) process.env['HOME'] = state;
  return all;
}

const onlyForGateway =
  /^(?:MCP_GATEWAY_(?:AUTH|ADMIN)_TOKEN|MCP_SERVERS|OTEL_EXPORTER_OTLP(?:_TRACES)?_HEADERS)$/;

/** Servers start in the workspace folder. When it is not found, they start in the current folder. */
async function enterWorkspace({ workspace, servers }: GatewayOptions, log: Logger): Promise<void> {
  if (workspace === undefined || servers === undefined) return;
  const folder = await locateWorkspace(workspace.pattern, workspace.marker, path.dirname(servers));
  if (folder === undefined)
    log.log(
      'warn',
      `No folder matches the workspace pattern ${workspace.pattern}. Servers start in ${process.cwd()}.`,
    );
  else process.chdir(folder);
}

main().catch((error: unknown) => {
  const step = nextTextOf(error);
  const next = step === undefined ? '' : `\nNext: ${step}`;
  process.stderr.write(`error: ${messageOf(error)}${next}\n`);
  process.exit(error instanceof AppError && error.code === 'usage' ? 2 : 1);
});
