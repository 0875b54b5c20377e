import assert from 'node:assert/strict';
import { Subscriptions } from '../../../../../src/builtin/upstream/connection/subscriptions';

describe('the subscribers of a server', () => {
  const subscriptions = new Subscriptions();
  const names = ['folder', 'folder/', 'file', 'neighbour'] as const;
  const subscribers = new Map(names.map((name) => [name, { updated: () => undefined }]));
  const uris = {
    folder: 'file:///a',
    'folder/': 'file:///a/',
    file: 'file:///a/b',
    neighbour: 'file:///ab',
  };
  for (const [name, subscriber] of subscribers) subscriptions.add(uris[name], subscriber);

  const wanting = (uri: string): string[] =>
    subscriptions
      .subscribersOf(uri)
      .map((wanting) => [...subscribers].find(([, subscriber]) => subscriber === wanting)?.[0] ?? '?');

  for (const [uri, expected] of [
    ['file:///a/b', ['folder', 'folder/', 'file']],
    ['file:///a/c', ['folder', 'folder/']],
    ['file:///a', ['folder']],
    ['file:///a?line=1', ['folder']],
    ['file:///a#part', ['folder']],
    ['file:///ab', ['neighbour']],
    ['file:///abc', []],
    ['file:///', []],
  ] as const)
    it(`a change of ${uri} is for ${expected.length === 0 ? 'no one' : expected.join(' and ')}`, () => {
      assert.deepEqual(wanting(uri), expected);
    });

  it('get one update for a resource that they subscribed to in two ways', () => {
    const both = { updated: () => undefined };
    const wanted = new Subscriptions();
    wanted.add('mem:///x', both);
    wanted.add('mem:///x/y', both);
    assert.deepEqual(wanted.subscribersOf('mem:///x/y'), [both]);
  });
});
