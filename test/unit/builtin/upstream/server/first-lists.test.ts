import assert from 'node:assert/strict';
import { makeIdentity, type ClientIdentity } from '../../../../../src/builtin/client/client';
import { FirstLists } from '../../../../../src/builtin/upstream/server/first-lists';
import { Listings } from '../../../../../src/builtin/upstream/lists/listings';

const handshake = {
  era: 'legacy' as const,
  serverInfo: { name: 'one', version: '1' },
  protocolVersion: '2025-11-25',
  capabilities: new Set(['tools']),
  instructions: undefined,
};

function identity(capabilities: string, name: string): ClientIdentity {
  return makeIdentity(Buffer.from(capabilities), Buffer.from(JSON.stringify({ name, version: '1' })));
}

describe('what a server offered to a client', () => {
  it('is known for others that declare the same, whatever they are called', () => {
    const lists = new FirstLists();
    const { items } = new Listings();
    lists.keep(identity('{"roots":{}}', 'first'), handshake, items);
    assert.deepEqual(lists.of(identity('{"roots":{}}', 'second')), { handshake, lists: items });
    assert.equal(lists.of(identity('{}', 'first')), undefined);
  });

  it('stays as it was when the lists of that client change later', () => {
    const lists = new FirstLists();
    const { items } = new Listings();
    lists.keep(identity('{}', 'first'), handshake, items);
    items.tools = [{ identity: 'grown', bytes: Buffer.from('{"name":"grown"}'), at: { start: 8, end: 15 } }];
    assert.deepEqual(lists.of(identity('{}', 'second'))?.lists.tools, []);
  });

  it('is forgotten, the oldest first, when clients declare ever new things', () => {
    const lists = new FirstLists();
    const { items } = new Listings();
    for (let i = 0; i < 20; i += 1) lists.keep(identity(`{"x${i}":{}}`, 'one'), handshake, items);
    assert.equal(lists.of(identity('{"x0":{}}', 'one')), undefined);
    assert.ok(lists.of(identity('{"x19":{}}', 'one')));
  });
});
