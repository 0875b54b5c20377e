import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import type { Socket } from 'node:net';
import type { HttpProblem } from './respond';

/** Where a connection comes from and goes to. */
export type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/**
 * Refuses changes from processes inside the sidecar that are not root: they are servers. A person's commands come through
 * the published port, or by the engine as root. Some rootless engines also deliver a published port from inside the
 * sidecar's network, as root; so the address alone says nothing. The kernel says which user has the other end.
 */
export async function localPeerProblem(ends: Ends): Promise<HttpProblem | undefined> {
  if (!isOwnAddress(ends.remoteAddress ?? '')) return undefined;
  const tables = ['/proc/net/tcp', '/proc/net/tcp6'].map(
    async (file) => await readFile(file, 'latin1').catch(() => ''),
  );
  if (userOfPeer((await Promise.all(tables)).join('\n'), ends) === 0) return undefined;
  return {
    status: 403,
    code: 'admin',
    message: 'This request comes from a server inside the sidecar. Servers cannot make changes.',
    next: 'Send it from the host or from the dev container.',
  };
}

function isOwnAddress(address: string): boolean {
  const plain = withoutMapping(address);
  if (plain === '' || plain === '::1' || plain.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((list) => list?.some((each) => each.address === plain));
}

/**
 * The user of the other end of a connection inside this network. `undefined` when that end is not in the tables.
 * `tables` are the lines of `/proc/net/tcp` and `tcp6`: number, local end, other end, state, queues, timer, retries, user,
 * time-out, inode.
 */
export function userOfPeer(tables: string, ends: Ends): number | undefined {
  const wanted = `${endOf(ends.remoteAddress, ends.remotePort)} ${endOf(ends.localAddress, ends.localPort)}`;
  for (const line of tables.split('\n')) {
    const [, local = '', other = '', , , , , uid, , inode] = line.trim().split(/\s+/);
    // An end that its process has closed has no inode, and the table gives it to root.
    if (`${shortened(local)} ${shortened(other)}` === wanted && inode !== '0') return Number(uid);
  }
  return undefined;
}

/** An end as in the table of IPv4: the bytes of the address in the order of a little-endian number. IPv6 has no table here. */
function endOf(address = '', port = 0): string {
  const bytes = withoutMapping(address).split('.').map(Number).reverse();
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** An IPv4 address in the table of IPv6 has a fixed start. */
function shortened(end: string): string {
  return end.replace(/^0{16}FFFF0000/, '');
}

function withoutMapping(address: string): string {
  return address.replace(/^::ffff:/i, '');
}
