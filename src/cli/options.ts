import type { Command } from 'commander';

/** Options that every verb takes. */
export interface CommonOptions {
  workspace?: string;
  config?: string;
  json?: boolean;
  url?: string;
  tokenFile?: string;
  driver?: string;
}

/** Adds the options that every verb takes. */
export function withCommonOptions(command: Command): Command {
  return command
    .option(
      '--workspace <dir>',
      'the workspace folder (default: from here upward, the folder with .devcontainer)',
    )
    .option('--config <file>', 'the devcontainer.json, when the workspace has several')
    .option('--url <url>', 'the MCP URL of the gateway to address')
    .option('--token-file <file>', "the file that holds the gateway's token")
    .option('--driver <kind>', 'the kind of the gateway: builtin, http or stdio')
    .option('--json', 'print one JSON document on standard output');
}
