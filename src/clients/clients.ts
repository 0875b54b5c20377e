import { AppError } from '../platform/errors';

/** The key of the gateway's entry in every client's file. */
export const clientKey = 'gateway';

/** The variables of a wired dev container by which a client finds the gateway and proves that it may use it. */
export const gatewayVariables = { url: 'MCP_GATEWAY_URL', token: 'MCP_GATEWAY_AUTH_TOKEN' } as const;

/** One AI client's project file and how our entry looks in it. */
export interface AiClient {
  id: string;
  label: string;
  /** Relative to the workspace. */
  file: string;
  /** The keys that lead to the table of servers. */
  path: readonly string[];
  /** The field of the entry that holds the gateway's address. */
  addressField: string;
  /** The entry. It names the variables of URL and token, never their values. */
  entry: Readonly<Record<string, unknown>>;
}

const url = `\${${gatewayVariables.url}:-http://127.0.0.1:8811/mcp}`;
const authorization = `Bearer \${${gatewayVariables.token}}`;

/** The hosts at which the gateway of a workspace can be: loopback, and its names in the dev container's network. */
const gatewayHosts = ['localhost', '127.0.0.1', '[::1]', 'mcp-gateway', 'host.docker.internal'];
const gatewayPort = '8811';

/** Whether a text is an address that can only be the gateway's, in any client's notation of variables. */
export function isGatewayAddress(text: string): boolean {
  const [, variable, standard] =
    /^\$?\{(?:env:)?([A-Za-z_]\w{0,200})(?::-([^{}]{0,2000}))?\}$/.exec(text) ?? [];
  if (variable !== undefined)
    return variable === gatewayVariables.url && (standard === undefined || isGatewayHost(standard));
  return (
    isGatewayHost(text) && (new URL(text).port === gatewayPort || new URL(text).hostname === 'mcp-gateway')
  );
}

/** Whether a URL leads to a host at which this workspace's gateway can be, so that it may get the token. */
export function isGatewayHost(url: string): boolean {
  return URL.canParse(url) && gatewayHosts.includes(new URL(url).hostname);
}

/** Every client that can be wired, the one that is always wired first. */
export const clients: readonly AiClient[] = [
  {
    id: 'claude',
    label: 'Claude Code, and others that read .mcp.json',
    file: '.mcp.json',
    path: ['mcpServers'],
    addressField: 'url',
    entry: { type: 'http', url, headers: { Authorization: authorization } },
  },
  {
    id: 'gemini',
    label: 'Gemini CLI',
    file: '.gemini/settings.json',
    path: ['mcpServers'],
    addressField: 'httpUrl',
    entry: { httpUrl: url, headers: { Authorization: authorization } },
  },
  {
    id: 'opencode',
    label: 'OpenCode',
    file: 'opencode.json',
    path: ['mcp'],
    addressField: 'url',
    // Its `{env:NAME}` has no form with a default.
    entry: {
      type: 'remote',
      url: `{env:${gatewayVariables.url}}`,
      enabled: true,
      headers: { Authorization: `Bearer {env:${gatewayVariables.token}}` },
    },
  },
];

/** `.mcp.json`, which is always written, and the clients named; an unknown name is an error that lists the known ones. */
export function selectClients(names: readonly string[]): AiClient[] {
  const known = clients.map((client) => client.id);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new AppError('usage', `There is no client "${unknown}".`, {
      next: `Known clients: ${known.join(', ')}.`,
    });
  }
  return clients.filter((client, index) => index === 0 || names.includes(client.id));
}
