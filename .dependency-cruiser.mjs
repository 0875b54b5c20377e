// The import rules of src/: no circles, and each folder imports only what its row in scripts/lib/layers.json names.
import { readFileSync } from 'node:fs';

/** @type {{ folder: string, holds: string, mayImport: string[] }[]} */
const rows = JSON.parse(readFileSync(new URL('scripts/lib/layers.json', import.meta.url), 'utf8'));

const literal = (text) => text.replaceAll('.', '\\.');

/** The files of a row: the one that it names, or those that lie directly in its folder. */
const filesOf = ({ folder }) =>
  folder.endsWith('.ts') ? `^src/${literal(folder)}$` : `^src/${literal(folder)}/[^/]+$`;

/** A folder with everything in it, or, for `folder/*.ts`, the files that lie directly in it. */
const within = (name) =>
  name.endsWith('/*.ts') ? filesOf({ folder: name.slice(0, -'/*.ts'.length) }) : `^src/${literal(name)}/`;

/** What a row allows: its own files, the folders in it, and what it names. */
const layer = (row) => ({
  name: `layer: src/${row.folder}`,
  comment: `src/${row.folder} may import ${row.mayImport.join(', ') || 'nothing'}: see docs/architecture.md`,
  severity: 'error',
  from: { path: filesOf(row) },
  to: { path: '^src/', pathNot: [filesOf(row), ...[row.folder, ...row.mayImport].map(within)] },
});

const usesEditor = rows.filter(({ mayImport }) => mayImport.includes('vscode')).map(filesOf);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment:
        'No module imports itself through others, not even for a type. Move the shared type to a file of its own.',
      severity: 'error',
      from: { path: '^(src|test)/' },
      to: { circular: true },
    },
    ...rows.map(layer),
    {
      name: 'every-folder-has-a-row',
      comment: 'Add a row for the folder to scripts/lib/layers.json.',
      severity: 'error',
      from: { path: '^src/', pathNot: rows.map(filesOf) },
      to: {},
    },
    {
      name: 'kinds-through-the-registry',
      comment: 'Only src/kinds/registry.ts knows the gateway kinds. Import it, or src/gateway/kind.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/kinds/registry\\.ts$', '^src/kinds/[^/]+/'] },
      to: { path: '^src/kinds/[^/]+/' },
    },
    {
      name: 'kinds-apart',
      comment: 'A gateway kind does not know another one. What kinds share is in src/gateway/drivers.',
      severity: 'error',
      from: { path: '^src/kinds/([^/]+)/' },
      to: { path: '^src/kinds/[^/]+/', pathNot: '^src/kinds/$1/' },
    },
    {
      name: 'editor-in-its-folders',
      comment:
        'Only the rows of scripts/lib/layers.json that name vscode, and test/vscode, may use the editor.',
      severity: 'error',
      from: { path: '^(src|test)/', pathNot: [...usesEditor, '^test/vscode/'] },
      to: { path: ['^vscode$', '/@types/vscode/'] },
    },
    {
      name: 'source-without-tests',
      comment: 'The product imports neither tests nor scripts.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
