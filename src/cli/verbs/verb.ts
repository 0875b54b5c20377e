import type { Command } from 'commander';

/**
 * Adds a verb with the options that every verb takes. Only what help and parsing need is written beside it: the code that does
 * its work is imported by its action.
 */
export function verb(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option(
      '--workspace <dir>',
      'the workspace folder (default: the nearest folder from here upward with .devcontainer)',
    )
    .option('--config <file>', 'the devcontainer.json, when the workspace has several')
    .option('--url <url>', 'the MCP URL of the gateway to address')
    .option('--token-file <file>', "the file that holds the gateway's token")
    .option('--driver <kind>', 'the kind of the gateway: builtin, http or stdio')
    .option('--json', 'print one JSON document on standard output');
}

/** Adds a verb with the options that every verb takes and those that name the gateway and its admin token. */
export function adminVerb(program: Command, name: string, description: string): Command {
  return verb(program, name, description)
    .option('--local', 'use the gateway that runs as a process on this machine')
    .option('--admin-token-file <file>', "the file that holds the gateway's admin token");
}

/** The values of an option that may be repeated. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
