// The parts of the documentation that are tables of the source. Each is written between two comments of its page by
// `npm run docs`; a unit test fails when a page differs.
import { readFile, writeFile } from 'node:fs/promises';
import { clientsTable } from './clients';
import { foldersTable } from './folders';
import { passedVariablesTable } from './environment';
import { commonOptionsTable, ownOptionsTable, verbsTable } from './command-line';
import { commandsTable, settingsTable } from './editor';
import { commandCodes, doctorRules, exitStatuses, httpProblems, rpcCodes } from './errors';

interface Section {
  page: string;
  name: string;
  table: () => string;
}

const sections: readonly Section[] = [
  { page: 'docs/architecture.md', name: 'folders', table: foldersTable },
  { page: 'docs/errors.md', name: 'exit-statuses', table: exitStatuses },
  { page: 'docs/errors.md', name: 'command-codes', table: commandCodes },
  { page: 'docs/errors.md', name: 'http-problems', table: httpProblems },
  { page: 'docs/errors.md', name: 'rpc-codes', table: rpcCodes },
  { page: 'docs/errors.md', name: 'doctor-rules', table: doctorRules },
  { page: 'docs/clients.md', name: 'clients', table: clientsTable },
  { page: 'docs/servers.md', name: 'environment', table: passedVariablesTable },
  { page: 'docs/command-line.md', name: 'verbs', table: verbsTable },
  { page: 'docs/command-line.md', name: 'common-options', table: commonOptionsTable },
  { page: 'docs/command-line.md', name: 'own-options', table: ownOptionsTable },
  { page: 'docs/editor.md', name: 'commands', table: commandsTable },
  { page: 'docs/editor.md', name: 'settings', table: settingsTable },
];

/** A page's text with one section as the source has it. Throws when the page has no place for it. */
function withSection(text: string, { page, name, table }: Section): string {
  const [begin, end] = [`<!-- ${name}: written by npm run docs -->`, `<!-- end of ${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${page} has no place for "${name}": write "${begin}" and "${end}".`);
  return `${text.slice(0, from)}${begin}\n\n${table()}\n\n${text.slice(to)}`;
}

/** The pages that differ from the source, with the text that they should have. */
export async function stalePages(root: URL): Promise<{ page: string; text: string }[]> {
  const pages = [...new Set(sections.map(({ page }) => page))];
  const all = await Promise.all(
    pages.map(async (page) => {
      const before = await readFile(new URL(page, root), 'utf8');
      const own = sections.filter((section) => section.page === page);
      return { page, before, text: own.reduce(withSection, before) };
    }),
  );
  return all.filter(({ before, text }) => before !== text);
}

/** Writes the pages that differ; returns their names. */
export async function writeStalePages(root: URL): Promise<string[]> {
  const stale = await stalePages(root);
  for (const { page, text } of stale) await writeFile(new URL(page, root), text);
  return stale.map(({ page }) => page);
}
