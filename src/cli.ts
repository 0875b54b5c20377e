import { Command } from 'commander';
import { runProgram } from './cli/run';
import { version } from './platform/version';

/** The command line's table of contents. */
function createProgram(): Command {
  const program = new Command('devcontainer-mcp')
    .description('One persistent MCP gateway beside a dev container, for every AI client.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false);
  return program;
}

void runProgram(createProgram(), process.argv);
