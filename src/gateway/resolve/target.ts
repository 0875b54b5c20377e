import { gatewayKinds, type GatewayKind } from '../../servers/gateway-settings';
import path from 'node:path';
import type { Environment } from '../../platform/environment';
import { sidecar } from '../../devcontainer/sidecar';
import { AppError } from '../../platform/errors';
import { checkedToken, requiredTokenFile, tokenIfReadable } from './token';

/** Which gateway the user asks for; every field is a command-line option. */
export interface TargetOptions {
  url?: string;
  driver?: string;
  tokenFile?: string;
  workspace?: string;
  config?: string;
}

/** The gateway that belongs to a workspace, as its own records and the engine have it. */
export interface WorkspaceGateway {
  url: string;
  kind?: GatewayKind;
  /** Tokens that are known to belong to it, the likeliest first. */
  tokens: readonly string[];
  /** Where this was learnt, in words that end a sentence: "container app-mcp-gateway-1". */
  source: string;
}

export interface TargetContext {
  env: Environment;
  cwd: string;
  /** The workspace's own gateway. Throws `not-found` with a next step when there is none. */
  locateWorkspace: (options: TargetOptions) => Promise<WorkspaceGateway>;
  /** Where a sidecar publishes its token. */
  publishedTokenFile?: string;
}

/** A gateway to talk to. `tokens` are candidates, the likeliest first; they never appear in errors or logs. */
export interface GatewayTarget {
  /** `undefined`: not said, so it is found out by asking. */
  kind: GatewayKind | undefined;
  url: URL;
  tokens: readonly string[];
  /** Where the address comes from. */
  source: string;
}

/**
 * Which gateway: `--url`, else `--driver`, else `MCP_GATEWAY` (a kind or a URL), else `MCP_GATEWAY_URL`, else the
 * workspace's own. A kind alone says how to speak; the address is then that of the next rule that has one.
 */
export async function resolveTarget(options: TargetOptions, context: TargetContext): Promise<GatewayTarget> {
  const { env } = context;
  const chosen = env['MCP_GATEWAY'] ?? '';
  const asUrl = /^https?:/i.test(chosen);
  const kind =
    kindOf(options.driver, '--driver') ?? (asUrl || options.url ? undefined : kindOf(chosen, 'MCP_GATEWAY'));
  const variable = env[sidecar.urlVariable];
  const named = [
    { text: options.url, source: '--url', trusted: false },
    { text: asUrl ? chosen : undefined, source: 'MCP_GATEWAY', trusted: false },
    { text: variable, source: sidecar.urlVariable, trusted: true },
  ].find(({ text }) => text !== undefined && text !== '');
  if (named?.text !== undefined) {
    const url = gatewayUrl(named.text, named.source);
    const own = named.trusted || isOwnHost(url, variable);
    return { kind, url, source: named.source, tokens: await tokensFor(options, context, own) };
  }
  const found = await context.locateWorkspace(options);
  const tokens = await tokensFor(options, context, true, found.tokens);
  return { kind: kind ?? found.kind, url: gatewayUrl(found.url, found.source), source: found.source, tokens };
}

function kindOf(text: string | undefined, source: string): GatewayKind | undefined {
  if (text === undefined || text === '') return undefined;
  const kind = gatewayKinds.find((known) => known === text);
  if (kind) return kind;
  throw new AppError('usage', `${source}: there is no gateway kind "${text}".`, {
    next: `Use one of: ${gatewayKinds.join(', ')}.`,
  });
}

function gatewayUrl(text: string, source: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') {
    if (url.pathname === '/') url.pathname = '/mcp';
    return url;
  }
  const problem = text.includes('${')
    ? 'a variable in it was not expanded'
    : 'it must be an http or https address without credentials';
  throw new AppError('usage', `${source} is not the address of a gateway: ${problem}.`, {
    next: 'Give the MCP URL of the gateway, such as http://127.0.0.1:8811/mcp.',
  });
}

/** Whether the address is one of this machine or of the sidecar: only such a host gets tokens that nobody named for it. */
function isOwnHost(url: URL, variable: string | undefined): boolean {
  const own = ['localhost', '127.0.0.1', '[::1]', sidecar.service];
  if (variable !== undefined && URL.canParse(variable)) own.push(new URL(variable).hostname);
  return own.includes(url.hostname);
}

async function tokensFor(
  options: TargetOptions,
  context: TargetContext,
  own: boolean,
  located: readonly string[] = [],
): Promise<readonly string[]> {
  if (options.tokenFile !== undefined) return [await requiredTokenFile(options.tokenFile, context.cwd)];
  const variable = context.env[sidecar.tokenVariable]?.trim() ?? '';
  // A variable that was not expanded is only in the way when there is no other token.
  const unexpanded = variable.includes('${');
  const fromEnv = unexpanded ? undefined : checkedToken(variable, sidecar.tokenVariable);
  const published = own
    ? await tokenIfReadable(context.publishedTokenFile ?? sidecar.tokenMountFile)
    : undefined;
  const wiring = own ? await wiringToken(options, context) : undefined;
  const all = [fromEnv, published, wiring, ...located].filter((token) => token !== undefined);
  if (all.length === 0 && unexpanded) checkedToken(variable, sidecar.tokenVariable);
  return [...new Set(all)];
}

/** The token in the wiring beside the nearest devcontainer.json, upward from the working directory. */
async function wiringToken(options: TargetOptions, context: TargetContext): Promise<string | undefined> {
  const start = path.resolve(context.cwd, options.workspace ?? '.');
  const inFolder = async (folder: string): Promise<string | undefined> =>
    await tokenIfReadable(path.join(folder, sidecar.folder, sidecar.tokenFile));
  if (options.config !== undefined) return await inFolder(path.dirname(path.resolve(start, options.config)));
  for (let folder = start; ; folder = path.dirname(folder)) {
    const token = await inFolder(path.join(folder, '.devcontainer'));
    if (token !== undefined || path.dirname(folder) === folder) return token;
  }
}
