// The tables of docs/editor.md: what package.json contributes, in the words of package.nls.json.
import manifest from '../../package.json';
import words from '../../package.nls.json';
import { code, table } from './table';

const { commands, configuration } = manifest.contributes;
const text: Readonly<Record<string, string>> = words;

/** A text of package.json: `%key%` is looked up in package.nls.json. */
function resolved(value: string): string {
  return value.replace(/%([^%]+)%/g, (whole, key: string) => text[key] ?? whole);
}

export function commandsTable(): string {
  const rows = commands.map(({ command, title, category }) => [
    `${resolved(category)}: ${resolved(title)}`,
    code(command),
  ]);
  return table(['command', 'id'], rows);
}

interface Setting {
  default: unknown;
  description?: string;
  markdownDescription?: string;
  enum?: readonly string[];
  enumDescriptions?: readonly string[];
}

export function settingsTable(): string {
  const settings: Readonly<Record<string, Setting>> = configuration.properties;
  const rows = Object.entries(settings).map(([id, setting]) => {
    const about = resolved(setting.description ?? setting.markdownDescription ?? '');
    const values = (setting.enum ?? []).map(
      (value, index) => `${code(value)}: ${resolved(setting.enumDescriptions?.[index] ?? '')}`,
    );
    return [code(id), code(JSON.stringify(setting.default)), [about, ...values].join(' ')];
  });
  return table(['setting', 'default', 'meaning'], rows);
}
