import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { rules } from '../../../src/gateway/doctor/rules';
import { stalePages } from '../../../scripts/docs/sections';

const root = pathToFileURL(`${process.cwd()}/`);

describe('the documentation', () => {
  it('has the tables of the source as they are now: "npm run docs" writes them', async () => {
    const stale = await stalePages(root);
    assert.deepEqual(
      stale.map(({ page }) => page),
      [],
    );
  });

  it('explains every rule of the doctor once, and no other', async () => {
    const text = await readFile(new URL('docs/doctor.md', root), 'utf8');
    const firstCells = [...text.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = '']) => cell);
    const explained = firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, id]) => id));
    assert.deepEqual(explained.sort(), rules.map(({ id }) => id).sort());
  });
});
