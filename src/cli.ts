#!/usr/bin/env node
import { connectOptions } from './cli/connect-options';
import { writtenHelp } from './cli/written-help';
import { version } from './platform/version';

/** Nothing more of the program is loaded than what the command line asks for: every session of an agent starts it. */
async function main([, , verb = '', ...rest]: readonly string[]): Promise<void> {
  const alone = rest.length === 0 ? verb : undefined;
  const text =
    alone === '--version'
      ? `${version}\n`
      : alone === '--help'
        ? writtenHelp(process.stdout.columns)
        : undefined;
  if (text !== undefined) {
    // A reader that has gone away is no failure.
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
    process.stdout.write(text);
    return;
  }
  (await import('./platform/compile-cache')).keepCompiledCode();
  const bridge = verb === 'connect' ? connectOptions(rest) : undefined;
  if (bridge) await (await import('./cli/connect')).runConnect(bridge);
  else await (await import('./cli/program')).runProgram(process.argv);
}

void main(process.argv);

export {};
