import assert from 'node:assert/strict';
import { exposedName } from '../../../../src/builtin/catalogue/names';

/** Numbers from 0 to `below`, the same ones in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const inServers = 'abcXYZ019_.-'.split('');
const inTools = ['a', 'b', '_', '-', '.', '/', ' ', ',', 'é', '☃', '\u0000', '"', '\\', '__', '😀'];

function word(next: (below: number) => number, letters: readonly string[], longest: number): string {
  return Array.from({ length: next(longest + 1) }, () => letters[next(letters.length)] ?? '').join('');
}

/** Pairs of a server and a tool, many of them close to each other. */
function generated(): { server: string; tool: string }[] {
  const next = numbers(20_261_125);
  const servers = new Set(
    Array.from({ length: 60 }, () => `a${word(next, inServers, 6)}`.replaceAll(/_{2,}/g, '_')),
  );
  servers.add('s'.repeat(64));
  const pairs = new Map<string, { server: string; tool: string }>();
  for (const server of servers) {
    for (let i = 0; i < 400; i += 1) {
      const tool = i % 4 === 0 ? `${'x'.repeat(next(120))}${word(next, inTools, 3)}` : word(next, inTools, 5);
      pairs.set(JSON.stringify([server, tool]), { server, tool });
    }
  }
  return [...pairs.values()];
}

describe('the names of thousands of tools', () => {
  const pairs = generated();

  it('are all different, valid and short enough for every client', () => {
    const names = pairs.map(({ server, tool }) => exposedName(server, tool, 'always'));
    assert.ok(names.length > 10_000);
    for (const name of names) assert.match(name, /^[A-Za-z0-9_.-]{1,50}$/);
    const owners = new Map<string, object>();
    pairs.forEach((pair, i) => {
      const name = names[i] ?? '';
      assert.equal(owners.get(name), undefined, `${JSON.stringify(pair)} is called ${name} as well`);
      owners.set(name, pair);
    });
  });

  it('stay valid without the prefix', () => {
    for (const { server, tool } of pairs)
      assert.match(exposedName(server, tool, 'never'), /^[A-Za-z0-9_.-]{1,50}$/);
  });

  it('are the plain ones wherever these will do', () => {
    assert.equal(exposedName('a', '_b', 'always'), 'a___b');
    assert.match(exposedName('a_', 'b', 'always'), /^a___b_[0-9a-f]{8}$/);
    assert.equal(exposedName('files', 'a.b-c_d', 'always'), 'files__a.b-c_d');
    assert.equal(exposedName('s', 'x'.repeat(47), 'always').length, 50);
    assert.match(exposedName('s', 'x'.repeat(48), 'always'), /^s__x{38}_[0-9a-f]{8}$/);
  });
});
