import * as v from 'valibot';
import { containerFields } from './container-schema';
import { restFields } from './rest-schema';
import {
  callLimits,
  gatewaySettingsSchema,
  type GatewayKind,
  type GatewaySettings,
} from './gateway-settings';

/** The name is used as a path segment and as a prefix of tool names, so its characters are few, and `__` is the separator. */
const serverName = v.pipe(
  v.string(),
  v.regex(
    /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
    'A server name must have 1-64 characters of A-Z a-z 0-9 _ . - and must start with a letter or digit.',
  ),
  v.check(
    (name) => !name.includes('__'),
    'A server name must not contain "__", because "__" separates it from the tool name.',
  ),
);

const strings = v.record(v.string(), v.string());

const common = {
  description: v.optional(v.string()),
  enabled: v.optional(v.boolean(), true),
  tools: v.optional(v.array(v.string())),
  disabledTools: v.optional(v.array(v.string()), []),
  prefix: v.optional(v.picklist(['always', 'never'])),
  isolation: v.optional(v.picklist(['shared', 'session']), 'shared'),
  timeoutSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(86_400)), 300),
  ...callLimits,
  start: v.optional(v.picklist(['eager', 'on-first-use']), 'eager'),
  /** The server is stopped after this time without a call, until it is needed again. By default it is never stopped. */
  idleSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(86_400))),
  allowHosts: v.optional(v.array(v.string())),
};

const stdioServer = v.looseObject({
  ...common,
  type: v.literal('stdio'),
  command: v.pipe(v.string(), v.nonEmpty('The command is empty.')),
  args: v.optional(v.array(v.string()), []),
  env: v.optional(strings, {}),
  cwd: v.optional(v.string()),
});

const httpServer = v.looseObject({
  ...common,
  type: v.picklist(['http', 'sse']),
  url: v.pipe(v.string(), v.regex(/^(https?:\/\/|\$\{)/, 'The URL must start with http:// or https://')),
  headers: v.optional(strings, {}),
});

const containerServer = v.looseObject({ ...common, ...containerFields });

const restServer = v.looseObject({ ...common, ...restFields });

/** Entries of Claude, Cursor and VS Code files may omit the type, or spell it differently. */
function withType(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) return entry;
  const type = 'type' in entry ? entry.type : undefined;
  if (type === undefined && 'command' in entry) return { ...entry, type: 'stdio' };
  if (type === undefined && 'url' in entry) return { ...entry, type: 'http' };
  if (type === 'local') return { ...entry, type: 'stdio' };
  if (type === 'streamable-http' || type === 'streamableHttp') return { ...entry, type: 'http' };
  return entry;
}

/** A server's entry, with the standard spelling of its type. */
export const serverByType = v.variant('type', [stdioServer, httpServer, containerServer, restServer]);

const server = v.pipe(v.unknown(), v.transform(withType), serverByType);

/** One server behind the gateway, with every default filled in. */
export type ServerDefinition = v.InferOutput<typeof server>;

export const serversSchema = v.record(serverName, server);

/** The content of `servers.json`, with either of the two common key names. */
export const serversFileSchema = v.looseObject({
  $schema: v.optional(v.string()),
  servers: v.optional(serversSchema),
  mcpServers: v.optional(serversSchema),
  gateway: v.optional(gatewaySettingsSchema),
});

/** The servers by name, in the order of the file, the kind of gateway that runs them, and its settings. */
export interface ServersFile {
  servers: ReadonlyMap<string, ServerDefinition>;
  kind: GatewayKind;
  settings: GatewaySettings;
}
