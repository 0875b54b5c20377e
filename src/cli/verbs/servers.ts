// The verbs for the servers behind a gateway, and for what they need.
import type { Command } from 'commander';
import type { AdminOptions } from '../admin';
import type { AcceptOptions } from '../settings';
import type { SwitchOptions } from '../switch';
import type { ManagerOptions } from '../manager';
import { run } from '../run';
import { adminVerb, verb } from './verb';

export function servers(program: Command): Command {
  return verb(program, 'servers', "list the servers behind the workspace's gateway, with their state")
    .option('--local', 'use the gateway that runs as a process on this machine')
    .action(async (options: ManagerOptions) => {
      await run(options, async (io) => await (await import('../servers')).servers(io, options));
    });
}

export function enable(program: Command): Command {
  return switching(program, 'enable', 'switch servers, or some of their tools, on').option(
    '--all',
    'forget every switch, so that servers and tools are on or off as servers.json says',
  );
}

export function disable(program: Command): Command {
  return switching(program, 'disable', 'switch servers, or some of their tools, off');
}

function switching(program: Command, name: 'enable' | 'disable', description: string): Command {
  return adminVerb(program, name, description)
    .argument('[server[:tool]...]', "a server, or one of its tools by the server's own name for it")
    .action(async (names: string[], options: SwitchOptions) => {
      await run(options, async (io) => await (await import('../switch')).switchAll(io, name, names, options));
    });
}

export function secret(program: Command): void {
  const secrets = program
    .command('secret')
    .description('set, list and remove the values that servers.json refers to as ${NAME}');
  adminVerb(secrets, 'set', 'set a secret; the command asks for its value, or reads it from standard input')
    .argument('<name>', 'the name, written as ${NAME} in servers.json')
    .action(async (name: string, options: AdminOptions) => {
      await run(options, async (io) => await (await import('../secret')).setSecret(io, name, options));
    });
  adminVerb(
    secrets,
    'ls',
    'list the names of the secrets, and the names that servers need but that have no value',
  ).action(async (options: AdminOptions) => {
    await run(options, async (io) => await (await import('../secret')).listSecrets(io, options));
  });
  adminVerb(secrets, 'rm', 'remove a secret')
    .argument('<name>', 'the name of the secret')
    .action(async (name: string, options: AdminOptions) => {
      await run(options, async (io) => await (await import('../secret')).removeSecret(io, name, options));
    });
}

export function settings(program: Command): void {
  const group = program
    .command('settings')
    .description('list and accept settings of servers.json that make a guard of the gateway looser');
  adminVerb(
    group,
    'ls',
    'list the settings of servers.json that guard less than is accepted, and what is accepted',
  ).action(async (options: AdminOptions) => {
    await run(options, async (io) => await (await import('../settings')).listSettings(io, options));
  });
  adminVerb(group, 'accept', 'let settings of servers.json count as they are written now')
    .argument('[setting...]', 'a setting, such as audit.enabled')
    .option('--all', 'accept every setting that is listed')
    .action(async (names: string[], options: AcceptOptions) => {
      await run(
        options,
        async (io) => await (await import('../settings')).acceptSettings(io, names, options),
      );
    });
}
