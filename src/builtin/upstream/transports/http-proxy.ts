import { BlockList, isIP } from 'node:net';
import type { Environment } from '../../../platform/environment';
import { AppError } from '../../../platform/errors';

/**
 * The proxy for a URL, from the usual variables: `HTTPS_PROXY` or `HTTP_PROXY` by the URL's scheme, otherwise `ALL_PROXY`.
 * Names in lower case have priority. Loopback addresses and hosts in `NO_PROXY` use no proxy. Throws when the variable is
 * not the URL of an HTTP proxy.
 */
export function proxyFor(target: URL, env: Environment): URL | undefined {
  const value = variable(env, `${target.protocol.slice(0, -1)}_proxy`) ?? variable(env, 'all_proxy');
  const host = target.hostname.replace(/^\[|\]$/g, '');
  if (value === undefined || isLoopback(host)) return undefined;
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  const direct = variable(env, 'no_proxy')?.split(/[,\s]+/) ?? [];
  if (direct.some((entry) => entry !== '' && matches(entry.toLowerCase(), host, port))) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return new URL(text);
  throw new AppError('invalid-value', 'The proxy in the environment variables is not an HTTP proxy.', {
    next: 'Set HTTPS_PROXY and HTTP_PROXY to a URL that starts with http:// or https://.',
  });
}

/** The value of `Proxy-Authorization` for the credentials in a proxy's URL. */
export function proxyCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function variable(env: Environment, name: string): string | undefined {
  return [env[name], env[name.toUpperCase()]].find((value) => value !== undefined && value !== '');
}

function isLoopback(host: string): boolean {
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    host === '::1' ||
    (isIP(host) === 4 && host.startsWith('127.'))
  );
}

/** An entry is `*`, a network, or a name or address with an optional port. A name also covers its subdomains. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  const [, address = '', prefix] = /^(.+)\/(\d+)$/.exec(entry) ?? [];
  if (prefix !== undefined) return contains(address, Number(prefix), host);
  const [, named = entry, wantedPort] = /^(.*[^:]):(\d+)$/.exec(entry) ?? [];
  const name = named.replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  if (wantedPort !== undefined && wantedPort !== port) return false;
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function contains(network: string, prefix: number, host: string): boolean {
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  const longest = family === 'ipv6' ? 128 : 32;
  if (isIP(network) === 0 || isIP(host) !== isIP(network) || prefix > longest) return false;
  const block = new BlockList();
  block.addSubnet(network, prefix, family);
  return block.check(host, family);
}
