import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { readDotEnv } from '../../../src/devcontainer/dot-env';

/** Each line with what `docker compose config` (2.26) makes of it, with ORG=org in the environment. */
const lines: readonly (readonly [line: string, value: string])[] = [
  ['A=shop # the shop', 'shop'],
  ['B="shop" # c', 'shop'],
  ['C=${ORG}-shop', 'org-shop'],
  ['D: shop', 'shop'],
  ["E='${ORG} # not' # c", '${ORG} # not'],
  ['F="a\\nb ${ORG} \\$x \\"q\\""', 'a\nb org $x "q"'],
  ['G=a#b', 'a#b'],
  ['H=', ''],
  ['I= spaced  ', 'spaced'],
  ['export J=exp', 'exp'],
  ['K=$ORG', 'org'],
  ['L="two words"', 'two words'],
  ['M=${NOPE:-dflt}', 'dflt'],
  ['O=first', 'first'],
  ['P=${O}-second', 'first-second'],
];

describe('a .env file', () => {
  it('is read as Compose reads it, with either kind of line ends', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'dot-env-'));
    const file = path.join(folder, '.env');
    for (const end of ['\n', '\r\n']) {
      await writeFile(file, ['# a comment', '', ...lines.map(([line]) => line), ''].join(end));
      const names = lines.map(([line]) => /([A-Z])\s*[=:]/.exec(line)?.[1] ?? '');
      const expected = Object.fromEntries(lines.map(([, value], i) => [names[i] ?? '', value] as const));
      assert.deepEqual(await readDotEnv(file, { ORG: 'org' }), expected);
    }
    await rm(folder, { recursive: true });
  });
});
