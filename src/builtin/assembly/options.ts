import path from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, messageOf } from '../../platform/errors';

/** The options of the gateway program. */
export interface GatewayOptions {
  servers: string | undefined;
  /** The copy inside the image. It is used when the file `servers` does not exist. */
  fallbackServers: string | undefined;
  host: string;
  port: number;
  /** Serve one client on standard input and output instead of listening. */
  stdio: boolean;
  state: string | undefined;
  tokenFile: string | undefined;
  publishToken: string | undefined;
  /** Names of variables that servers.json may refer to. */
  env: string[];
  allowedHosts: string[];
  /** The owner of the workspace. When it is given, the gateway is root, and its servers have other users. */
  serverUser: { uid: number; gid: number } | undefined;
  /** Servers with secrets that run as the owner of the workspace all the same. */
  workspaceServers: string[];
  /** A pattern for the workspace folder, and the path inside it that leads to the folder of `servers`. */
  workspace: { pattern: string; marker: string } | undefined;
}

/** What the program is started for. */
export type Invocation =
  | { mode: 'serve'; options: GatewayOptions }
  | { mode: 'healthcheck'; port: number }
  | { mode: 'sample-server' }
  | { mode: 'version' };

/** Reads the arguments. Throws an {@link AppError} of code `usage`. */
export function parseInvocation(args: readonly string[], env: NodeJS.ProcessEnv): Invocation {
  const values = parse(args);
  if (values.version === true) return { mode: 'version' };
  if (values['sample-server'] === true) return { mode: 'sample-server' };
  const port = parsePort(values.port ?? '8811');
  if (values.healthcheck === true) return { mode: 'healthcheck', port };
  return {
    mode: 'serve',
    options: {
      servers: values.servers === undefined ? undefined : path.resolve(values.servers),
      fallbackServers: values['fallback-servers'],
      host: values.host ?? '127.0.0.1',
      port,
      stdio: values.stdio === true,
      state: values.state,
      tokenFile: values['token-file'],
      publishToken: values['publish-token'],
      env: values.env ?? [],
      allowedHosts: [
        ...listIn(env['MCP_GATEWAY_ALLOWED_HOSTS']),
        ...(values['allowed-host'] ?? []).filter((host) => host !== ''),
      ],
      serverUser: values['server-user'] === undefined ? undefined : parseUser(values['server-user']),
      workspaceServers: listIn(env['MCP_GATEWAY_WORKSPACE_SERVERS']),
      workspace:
        values.workspace === undefined
          ? undefined
          : { pattern: values.workspace, marker: values['workspace-marker'] ?? '.devcontainer/mcp-gateway' },
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        servers: { type: 'string' },
        'fallback-servers': { type: 'string' },
        host: { type: 'string' },
        port: { type: 'string' },
        stdio: { type: 'boolean' },
        state: { type: 'string' },
        'token-file': { type: 'string' },
        'publish-token': { type: 'string' },
        env: { type: 'string', multiple: true },
        'allowed-host': { type: 'string', multiple: true },
        'server-user': { type: 'string' },
        workspace: { type: 'string' },
        'workspace-marker': { type: 'string' },
        healthcheck: { type: 'boolean' },
        'sample-server': { type: 'boolean' },
        version: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    throw new AppError('usage', messageOf(error), { cause: error });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new AppError('usage', `--port: "${text}" is not a port.`, {
    next: 'Give a number from 0 (any free port) to 65535.',
  });
}

/** The names in a list that is separated by commas. */
function listIn(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function parseUser(text: string): { uid: number; gid: number } {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  throw new AppError('usage', `--server-user: "${text}" is not a user.`, {
    next: 'Give two numbers, UID:GID. Compose takes them from MCP_GATEWAY_UID and MCP_GATEWAY_GID.',
  });
}
