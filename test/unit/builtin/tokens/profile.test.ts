import assert from 'node:assert/strict';
import {
  allows,
  isRestricted,
  seesServer,
  unrestricted,
  type Profile,
} from '../../../../src/builtin/tokens/profile';

const profile = (rules: Partial<Profile>): Profile => ({ ...unrestricted('p'), key: 'p', ...rules });
const changes = { readOnlyHint: false };
const reads = { readOnlyHint: true };

describe('a profile', () => {
  it('without rules allows everything and is not restricted', () => {
    assert.equal(isRestricted(unrestricted('p')), false);
    assert.equal(allows(unrestricted('p'), 'files', 'tools', 'write', changes), true);
  });

  const cases: [string, Partial<Profile>, string, string, boolean][] = [
    ['allows a server as a whole', { allow: ['files'] }, 'files', 'write', true],
    ['refuses what no pattern names', { allow: ['files'] }, 'filesystem', 'write', false],
    ['allows tools by glob', { allow: ['files__read_*'] }, 'files', 'read_text', true],
    ['refuses the tools that the glob does not match', { allow: ['files__read_*'] }, 'files', 'write', false],
    ['knows globs of servers', { allow: ['git*'] }, 'github', 'x', true],
    [
      'refuses what is denied, whatever allows it',
      { allow: ['*'], deny: ['files__write'] },
      'files',
      'write',
      false,
    ],
    [
      'leaves the rest of a server whose one tool is denied',
      { deny: ['files__write'] },
      'files',
      'read',
      true,
    ],
    ['refuses a denied server', { deny: ['files'] }, 'files', 'read', false],
    [
      'takes no character of a pattern for anything but itself and *',
      { allow: ['f.les__r?ad'] },
      'files',
      'read',
      false,
    ],
    [
      'does not look for the name of a tool behind the separator of another',
      { allow: ['*__read'] },
      'a',
      'b__read',
      false,
    ],
    ['denies it there', { deny: ['*__read'] }, 'a', 'b__read', false],
    ['reads the underscores of a server and of a tool both ways', { deny: ['a___b'] }, 'a_', 'b', false],
    ['matches a name that holds the separator', { allow: ['a__b__*'] }, 'a', 'b__c', true],
  ];
  for (const [what, rules, server, name, expected] of cases)
    it(what, () => assert.equal(allows(profile(rules), server, 'tools', name, changes), expected));

  it('that is read-only allows tools that change nothing, and every prompt and resource', () => {
    const readOnly = profile({ readOnly: true });
    assert.equal(allows(readOnly, 'files', 'tools', 'read', reads), true);
    assert.equal(allows(readOnly, 'files', 'tools', 'write', changes), false);
    assert.equal(allows(readOnly, 'files', 'prompts', 'review', changes), true);
    assert.equal(allows(readOnly, 'files', 'resources', 'file:///a', changes), true);
  });

  it('sees the servers of which it may use anything', () => {
    assert.equal(seesServer(profile({ allow: ['files__read'] }), 'files'), true);
    assert.equal(seesServer(profile({ allow: ['files__read'] }), 'git'), false);
    assert.equal(seesServer(profile({ deny: ['git'] }), 'git'), false);
    assert.equal(seesServer(profile({ deny: ['git__push'] }), 'git'), true);
    assert.equal(seesServer(profile({ deny: ['git__*'] }), 'git'), false);
    assert.equal(seesServer(profile({ deny: ['*__*'] }), 'git'), false);
  });

  it('answers at once for a pattern of many stars', () => {
    const pattern = `a${'*a'.repeat(200)}*b`;
    assert.equal(allows(profile({ allow: [pattern] }), 'a'.repeat(64), 'tools', 'x', changes), false);
  });
});
