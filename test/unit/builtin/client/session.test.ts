import assert from 'node:assert/strict';
import { makeIdentity } from '../../../../src/builtin/client/client';
import { EventBudget } from '../../../../src/builtin/client/event-budget';
import { LegacySession } from '../../../../src/builtin/client/session';
import { unrestricted, type Profile } from '../../../../src/builtin/tokens/profile';

const empty = Buffer.from('{}');
const profile: Profile = { ...unrestricted('p'), key: 'p', deny: ['files__file:///data/private*'] };

describe('a session', () => {
  it('does not hear of a resource that its token may not see, below one to which it has subscribed', () => {
    const session = new LegacySession(
      '*',
      profile,
      '2025-11-25',
      makeIdentity(empty, empty),
      new EventBudget(() => 1e6),
    );
    const heard: string[] = [];
    session.useTransport((message) => heard.push(message.toString()));
    for (const uri of ['file:///data/public', 'file:///data/private/key', 'file:///data/%70rivate/key'])
      session.updated(Buffer.from(JSON.stringify({ uri })), 'files', uri);
    assert.equal(heard.length, 1);
    assert.match(heard.join(''), /data\/public/);
  });
});
