import assert from 'node:assert/strict';
import { localPeerProblem, userOfPeer } from '../../../../src/builtin/edge/local-peer';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const row = (local: string, other: string, uid: number, inode: number): string =>
  `   1: ${local} ${other} 01 00000000:00000000 00:00000000 00000000  ${uid}        0 ${inode} 1 0000000000000000 20 4 30 10 -1`;

const ends = {
  remoteAddress: '172.18.0.3',
  remotePort: 0x9c40,
  localAddress: '172.18.0.3',
  localPort: 0x226b,
};
const there = row('030012AC:9C40', '030012AC:226B', 61_000, 77);
const here = row('030012AC:226B', '030012AC:9C40', 0, 78);

describe('the user of the other end of a connection', () => {
  it('is that of the end of the peer, not of the own end', () => {
    assert.equal(userOfPeer([head, here, there].join('\n'), ends), 61_000);
  });

  it('is found for a socket of IPv6 that uses an IPv4 address', () => {
    const start = '0000000000000000FFFF0000';
    const mapped = row(`${start}030012AC:9C40`, `${start}030012AC:226B`, 1000, 79);
    assert.equal(userOfPeer([head, mapped].join('\n'), ends), 1000);
    assert.equal(userOfPeer(mapped, { ...ends, remoteAddress: '::ffff:172.18.0.3' }), 1000);
  });

  it('is unknown when the process has closed its end, which the table then gives to root', () => {
    const closed = row('030012AC:9C40', '030012AC:226B', 0, 0);
    assert.equal(userOfPeer([head, here, closed].join('\n'), ends), undefined);
  });

  it('is unknown for another connection', () => {
    assert.equal(userOfPeer([head, here, there].join('\n'), { ...ends, remotePort: 1 }), undefined);
    assert.equal(userOfPeer('', ends), undefined);
  });
});

describe('a change', () => {
  it('is accepted from an address that is not one of this machine', async () => {
    assert.equal(await localPeerProblem({ ...ends, remoteAddress: '203.0.113.9' }), undefined);
  });

  it('is refused from an own address when the other end is not found, or has no address', async () => {
    for (const remoteAddress of ['127.0.0.1', '::1', '::ffff:127.0.0.1', undefined]) {
      const problem = await localPeerProblem({ ...ends, remoteAddress, remotePort: 1 });
      assert.equal(problem?.code, 'admin', String(remoteAddress));
    }
  });
});
