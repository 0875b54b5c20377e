import type dns from 'node:dns';
import { BlockList, type LookupFunction } from 'node:net';
import { late } from '../../../../platform/late';

const privateAddresses = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  privateAddresses.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  privateAddresses.addSubnet(network, prefix, 'ipv6');

export function isPrivateAddress(address: string): boolean {
  return privateAddresses.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

/** Whether a name belongs to a private network by its form: it has no dot, or is under a domain for such use. */
export function isPrivateName(host: string): boolean {
  return !host.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)$/i.test(host);
}

type Resolve = (
  host: string,
  options: dns.LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: dns.LookupAddress[]) => void,
) => void;

const lookUp: Resolve = (host, options, callback) => late.dns.lookup(host, options, callback);

/**
 * Resolves names, and refuses a public name that resolves to a private address. Otherwise the owner of the name could make
 * the gateway send requests to private services (SSRF). `allowHosts` are names for which this is intended.
 */
export function guardedLookup(allowHosts: readonly string[], resolve: Resolve = lookUp): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses;
      if (error || !first) {
        callback(error ?? new Error(`The host ${host} has no address.`), '', 4);
        return;
      }
      const inside = addresses.find(({ address }) => isPrivateAddress(address));
      if (inside && !isPrivateName(host) && !allowHosts.includes(host)) {
        const problem = `The host ${host} resolves to the private address ${inside.address}. If this is intended, add the name to "allowHosts".`;
        callback(new Error(problem), '', 4);
      } else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}
