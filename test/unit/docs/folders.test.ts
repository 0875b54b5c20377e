import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import layers from '../../../scripts/lib/layers.json';

/** Every folder under `src` that holds a file, and the files directly in `src`. Git keeps no empty folders. */
async function tree(): Promise<string[]> {
  const entries = await readdir('src', { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const places = files.flatMap((file) => {
    const parts = path.relative('src', file.parentPath).split(path.sep);
    return parts[0] === '' ? [file.name] : parts.map((_, depth) => parts.slice(0, depth + 1).join('/'));
  });
  return [...new Set(places)];
}

/** `gateway/*.ts` names the files of a folder without those of the folders in it. */
const folderOf = (name: string): string => name.replace(/\/\*\.ts$/, '');

const holds = (outer: string, inner: string): boolean => inner === outer || inner.startsWith(`${outer}/`);

describe('the list of folders', () => {
  const folders = layers.map(({ folder }) => folder);

  it('has a row for every folder of the source, and no other', async () => {
    assert.deepEqual([...folders].sort(), (await tree()).sort());
  });

  it('goes from top to bottom: a row names only rows further down, or the folder that holds it', () => {
    const wrong = layers.flatMap(({ folder, mayImport }, row) =>
      mayImport
        .filter((name) => name !== 'vscode' && !holds(folderOf(name), folder))
        .filter((name) => folders.slice(0, row + 1).some((above) => holds(folderOf(name), above)))
        .map((name) => `${folder} names ${name}`),
    );
    assert.deepEqual(wrong, []);
  });

  it('names only rows that are there', () => {
    const named = new Set(layers.flatMap(({ mayImport }) => mayImport));
    assert.deepEqual(
      [...named].filter((name) => name !== 'vscode' && !folders.includes(folderOf(name))),
      [],
    );
  });
});
