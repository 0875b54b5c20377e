import { Command } from 'commander';
import { registerCall } from './cli/call';
import { registerConnect } from './cli/connect';
import { registerPrompt } from './cli/prompt';
import { registerRead } from './cli/read';
import { runProgram } from './cli/run';
import { registerTools } from './cli/tools';
import { version } from './platform/version';

/** The command line's table of contents. */
function createProgram(): Command {
  const program = new Command('devcontainer-mcp')
    .description('One persistent MCP gateway beside a dev container, for every AI client.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false);
  registerConnect(program);
  registerTools(program);
  registerCall(program);
  registerRead(program);
  registerPrompt(program);
  return program;
}

void runProgram(createProgram(), process.argv);
