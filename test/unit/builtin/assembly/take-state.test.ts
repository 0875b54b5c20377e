import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { isOwnName } from '../../../../src/builtin/assembly/take-state';

/** The names of files that the source opens in the state folder. */
async function namesInSource(): Promise<string[]> {
  const folder = path.resolve(__dirname, '../../../../src/builtin');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map(async (name) => readFile(path.join(folder, name), 'utf8')));
  const uses = /(?:inState\(|(?:stateDir|options\.state), )'([^']+)'/g;
  return texts.flatMap((text) => [...text.matchAll(uses)].flatMap(([, name]) => name ?? []));
}

describe('the files that the gateway takes for itself in a state that it shared before', () => {
  it('are all that the source writes there', async () => {
    const names = await namesInSource();
    for (const expected of ['secrets.env', 'admin-token', 'runtime.json', 'catalogue'])
      assert.ok(names.includes(expected), `the test no longer finds ${expected}`);
    assert.deepEqual(
      names.filter((name) => !isOwnName(name)),
      [],
    );
  });

  it('are also copies of damaged files, and what several gateways number', () => {
    const own = ['runtime.json.damaged-2026-01-01T00-00-00-000Z', 'audit', 'audit-2', 'owner', 'owner-2'];
    for (const name of [...own, 'owner.7.sock', '.gitignore']) assert.ok(isOwnName(name), name);
  });

  it('are not those of servers', () => {
    for (const name of [
      'memory.jsonl',
      '.memory.json',
      '.venv',
      'auditor',
      'tokens-of-a-server.json',
      'recorded',
    ])
      assert.equal(isOwnName(name), false, name);
  });
});
