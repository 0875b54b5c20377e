// The tables of docs/command-line.md, from what the command line itself understands.
import type { Command, Option } from 'commander';
import { createProgram } from '../../src/cli/program';
import { code, table } from './table';

interface Verb {
  /** As it is typed: `secret set`. */
  name: string;
  command: Command;
}

export function verbsTable(): string {
  const rows = verbs(createProgram()).map(({ name, command }) => [
    code([name, ...command.registeredArguments.map(argument)].join(' ')),
    sentence(command.description()),
  ]);
  return table(['verb', 'what it does'], rows);
}

export function commonOptionsTable(): string {
  return optionsTable(commonOptions(verbs(createProgram())));
}

export function ownOptionsTable(): string {
  const all = verbs(createProgram());
  const common = new Set(commonOptions(all).map(({ flags }) => flags));
  const rows = all.flatMap(({ name, command }) =>
    command.options.filter(({ flags }) => !common.has(flags)).map((option) => [code(name), ...cells(option)]),
  );
  return table(['verb', 'option', 'default', 'meaning'], rows);
}

function optionsTable(options: readonly Option[]): string {
  return table(['option', 'default', 'meaning'], options.map(cells));
}

function cells({ flags, description, defaultValue, negate }: Option): string[] {
  const value: unknown = negate ? undefined : defaultValue;
  return [
    code(flags),
    value === undefined ? '' : code(typeof value === 'string' ? value : JSON.stringify(value)),
    sentence(description),
  ];
}

/** The options that all verbs have. */
function commonOptions(all: readonly Verb[]): readonly Option[] {
  const [first, ...others] = all;
  if (first === undefined) return [];
  return first.command.options.filter(({ flags }) =>
    others.every(({ command }) => command.options.some((option) => option.flags === flags)),
  );
}

/** The verbs in the order of the help; of a group of verbs, each of the group. */
function verbs(program: Command, prefix = ''): Verb[] {
  return program.commands.flatMap((command) => {
    const name = `${prefix}${command.name()}`;
    return command.commands.length > 0 ? verbs(command, `${name} `) : [{ name, command }];
  });
}

function argument(one: Command['registeredArguments'][number]): string {
  const text = `${one.name()}${one.variadic ? '...' : ''}`;
  return one.required ? `<${text}>` : `[${text}]`;
}

function sentence(text: string): string {
  const upper = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return upper.endsWith('.') ? upper : `${upper}.`;
}
