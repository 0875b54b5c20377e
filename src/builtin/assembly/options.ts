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
  const hosts = (env['MCP_GATEWAY_ALLOWED_HOSTS'] ?? '').split(',').map((host) => host.trim());
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
      allowedHosts: [...hosts, ...(values['allowed-host'] ?? [])].filter((host) => host !== ''),
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
