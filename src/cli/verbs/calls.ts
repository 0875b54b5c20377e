// The verbs for what the servers offer.
import type { Command } from 'commander';
import type { CallOptions } from '../call';
import type { ConnectOptions } from '../connect';
import type { CommonOptions } from '../options';
import type { PromptOptions } from '../prompt';
import { run } from '../run';
import type { ToolsOptions } from '../tools';
import { verb } from './verb';

export function connect(program: Command): Command {
  return verb(
    program,
    'connect',
    "bridge stdio to the workspace's gateway, for AI clients that start a command",
  )
    .option('--wait <seconds>', 'how long a request waits while there is no gateway', '30')
    .action(async (options: ConnectOptions) => await (await import('../connect')).runConnect(options));
}

export function tools(program: Command): Command {
  return verb(program, 'tools', "list the tools behind the workspace's gateway")
    .option('--search <text>', 'only tools with all these words in their name or description')
    .option('--server <name>', 'only the tools of one server')
    .action(async (options: ToolsOptions) => {
      await run(options, async (io) => await (await import('../tools')).tools(io, options));
    });
}

export function call(program: Command): Command {
  return verb(program, 'call', 'call a tool and print its result; exits 1 when the tool reports an error')
    .argument('<tool>', 'server__tool, or only the name of the tool if no other server has it')
    .option('--args <json>', 'the arguments: a JSON object, @FILE, or - for standard input')
    .option(
      '--timeout <seconds>',
      'how long the tool may send nothing (each progress message restarts the time)',
      '60',
    )
    .action(async (tool: string, options: CallOptions) => {
      await run(options, async (io) => await (await import('../call')).call(io, tool, options));
    });
}

export function read(program: Command): Command {
  return verb(
    program,
    'read',
    'write the bytes of a resource to standard output; with --json the result as the server sent it',
  )
    .argument('<uri>', 'the URI of the resource')
    .action(async (uri: string, options: CommonOptions) => {
      await run(options, async (io) => await (await import('../read')).read(io, uri, options));
    });
}

export function prompt(program: Command): Command {
  return verb(
    program,
    'prompt',
    'print the messages of a prompt; with --json the result as the server sent it',
  )
    .argument('<name>', 'server__prompt, or only the name of the prompt if no other server has it')
    .option('--args <json>', 'the arguments: a JSON object of strings, @FILE, or - for standard input')
    .action(async (name: string, options: PromptOptions) => {
      await run(options, async (io) => await (await import('../prompt')).prompt(io, name, options));
    });
}
