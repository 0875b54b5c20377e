import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../../../src/platform/files';

const roots = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md'];

/** The links of a page, and the files of the source that it names; placeholders are in capitals. */
function pathsIn(page: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => path.join(path.dirname(page), target));
  const named = [...text.matchAll(/`((?:src|test|scripts|bench|examples)\/[\w./-]+)`/g)].map(
    ([, file = '']) => file,
  );
  return [...links, ...named.filter((file) => !/NAME|FOLDER/.test(file))];
}

describe('a page of the documentation', () => {
  it('leads to files that are there', async () => {
    const pages = [
      ...roots,
      ...(await readdir('docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`),
    ];
    const missing: string[] = [];
    for (const page of pages)
      for (const file of pathsIn(page, await readFile(page, 'utf8')))
        if (!(await exists(file))) missing.push(`${page}: ${file}`);
    assert.deepEqual(missing, []);
  });
});
