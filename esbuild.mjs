// Bundles the three programs of the package, as CommonJS, and writes the JSON Schema of servers.json beside them.
// `gateway.cjs` is one file: it is copied into sidecar images. `cli.js` and `extension.js` are small, and load what they need
// later from `cli/` and `parts/`.
//
// With `--watch` they are built again after each change of their source, each in one readable file with a source map.
import { readFile } from 'node:fs/promises';
import * as esbuild from 'esbuild';
import { aliases, leftOut } from './scripts/lib/bundle-aliases.mjs';
import { packagesAsText } from './scripts/lib/bundle-text.mjs';
import { help } from './scripts/lib/bundle-help.mjs';
import { parts } from './scripts/lib/bundle-parts.mjs';
import { schema } from './scripts/lib/bundle-schema.mjs';
import { keepBuilding } from './scripts/lib/bundle-watch.mjs';

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
  sourcemap: watch ? 'linked' : 'external',
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
  // Names cost a call for each function that is made, at every start and on the way of each request.
  {
    entryPoints: ['src/cli.ts'],
    outdir: 'dist',
    plugins: watch ? [leftOut] : [leftOut, parts('cli'), help],
    keepNames: false,
  },
  {
    entryPoints: ['src/builtin/main.ts'],
    outfile: 'dist/gateway.cjs',
    plugins: watch ? [] : [packagesAsText],
    external: [],
    keepNames: false,
  },
  { entryPoints: ['src/extension.ts'], outdir: 'dist', plugins: watch ? [] : [parts('parts')] },
];

const schemaOptions = {
  entryPoints: ['src/servers/json-schema.ts'],
  outfile: 'dist/servers.schema.json',
  format: 'esm',
  plugins: [schema()],
};

const options = [...programs, schemaOptions].map((program) => ({ ...shared, ...program }));

if (watch) await keepBuilding(options);
else for (const one of options) await esbuild.build(one);
