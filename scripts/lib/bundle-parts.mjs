// Splits a bundle into a small program and the parts that it loads when they are first needed. esbuild splits modules of
// ECMAScript only, and editors load CommonJS faster: so it is split in the one form and written in the other.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as esbuild from 'esbuild';

/** @param {string} folder where the parts go, beside the program: `parts` → `dist/parts/`. @returns {esbuild.Plugin} */
export function parts(folder) {
  return {
    name: 'parts',
    setup(build) {
      const options = build.initialOptions;
      Object.assign(options, { format: 'esm', splitting: true, write: false, sourcemap: false });
      options.chunkNames = `${folder}/[name]-[hash]`;
      build.onEnd(async ({ outputFiles = [], errors }) => {
        if (errors.length > 0) return;
        await rm(path.join(options.outdir, folder), { recursive: true, force: true });
        await Promise.all(outputFiles.map(writeAsCommonJs));
      });
    },
  };
}

async function writeAsCommonJs({ path: file, text }) {
  const { code } = await esbuild.transform(text, {
    format: 'cjs',
    target: 'node20',
    platform: 'node',
    minify: true,
    legalComments: 'none',
    // An `import()` that stays one starts Node's loader of ECMAScript modules, which costs more than most parts.
    supported: { 'dynamic-import': false },
  });
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, code);
}
