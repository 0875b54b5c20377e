import { Command } from 'commander';
import { registerAdd } from './cli/add';
import { registerCall } from './cli/call';
import { registerConnect } from './cli/connect';
import { registerDoctor } from './cli/doctor';
import { registerDown } from './cli/down';
import { registerLogs } from './cli/logs';
import { registerPlan } from './cli/plan';
import { registerPrompt } from './cli/prompt';
import { registerRead } from './cli/read';
import { registerRemove } from './cli/remove';
import { registerRestart } from './cli/restart';
import { processIo, run, runProgram } from './cli/run';
import { registerSecret } from './cli/secret';
import { registerServe } from './cli/serve';
import { registerServers } from './cli/servers';
import { sidecarHooks } from './cli/sidecar-hooks';
import { registerStatus } from './cli/status';
import { registerSwitches } from './cli/switch';
import { registerTools } from './cli/tools';
import { registerUp } from './cli/up';
import { version } from './platform/version';
import { product } from './platform/product';

/** The command line's table of contents. */
function createProgram(): Command {
  const program = new Command(product.command)
    .description('One persistent MCP gateway beside a dev container, for every AI client.')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined })
    .showHelpAfterError(false);
  const io = processIo();
  const hooks = sidecarHooks(io);
  registerAdd(program, io, run, hooks);
  registerRemove(program, io, run, hooks);
  registerPlan(program, io, run, hooks);
  registerUp(program);
  registerDown(program);
  registerRestart(program);
  registerStatus(program);
  registerDoctor(program);
  registerLogs(program);
  registerServe(program);
  registerConnect(program);
  registerServers(program);
  registerSwitches(program);
  registerSecret(program);
  registerTools(program);
  registerCall(program);
  registerRead(program);
  registerPrompt(program);
  return program;
}

void runProgram(createProgram(), process.argv);
