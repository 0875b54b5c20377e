// The table of docs/architecture.md, from the rows that the import rules are made of.
import layers from '../lib/layers.json';
import { code, table } from './table';

export function foldersTable(): string {
  const rows = layers.map(({ folder, holds, mayImport }) => [
    code(folder.endsWith('.ts') ? `src/${folder}` : `src/${folder}/`),
    holds,
    mayImport.map(code).join(', ') || 'nothing',
  ]);
  return table(['folder', 'what it holds', 'may import'], rows);
}
