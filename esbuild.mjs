// Bundles the three programs of the package, as CommonJS, and writes the JSON Schema of servers.json beside them. `cli.js` and `gateway.cjs` are one file each: the latter is
// copied into sidecar images. `extension.js` is loaded by the editor, and loads what it needs later from `parts/`.
import { readFile, writeFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';
import { aliases } from './scripts/lib/bundle-aliases.mjs';
import { parts } from './scripts/lib/bundle-parts.mjs';

const manifest = JSON.parse(await readFile(new URL('package.json', import.meta.url), 'utf8'));
const watch = process.argv.includes('--watch');

/** @type {esbuild.BuildOptions} */
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: !watch,
  keepNames: true,
  sourcemap: 'external',
  legalComments: 'none',
  // The UMD builds of some libraries (jsonc-parser) cannot be bundled; their ESM builds can.
  mainFields: ['module', 'main'],
  external: ['vscode'],
  alias: aliases,
  define: {
    'globalThis.DEVCONTAINER_GATEWAY_VERSION': JSON.stringify(manifest.version),
    'import.meta.url': 'undefined',
  },
  logLevel: 'warning',
};

const programs = [
  { entryPoints: ['src/cli.ts'], outfile: 'dist/cli.js', banner: { js: '#!/usr/bin/env node' } },
  // Names cost a call for each function that is made, also on the way of each request.
  { entryPoints: ['src/builtin/main.ts'], outfile: 'dist/gateway.cjs', external: [], keepNames: false },
  { entryPoints: ['src/extension.ts'], outdir: 'dist', plugins: [parts('parts')] },
];

for (const program of programs) {
  const options = { ...shared, ...program };
  if (watch) await (await esbuild.context(options)).watch();
  else await esbuild.build(options);
}

const schemaModule = await esbuild.build({
  entryPoints: ['src/servers/json-schema.ts'],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const [{ text }] = schemaModule.outputFiles;
const { serversJsonSchema } = await import(`data:text/javascript,${encodeURIComponent(text)}`);
await writeFile('dist/servers.schema.json', `${JSON.stringify(serversJsonSchema(), null, 2)}\n`);
