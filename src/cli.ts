#!/usr/bin/env node
import { version } from './platform/version';

/** Nothing more of the program is loaded than what the command line asks for: every session of an agent starts it. */
async function main([, , ...args]: readonly string[]): Promise<void> {
  if (args.length === 1 && args[0] === '--version') process.stdout.write(`${version}\n`);
  else await (await import('./cli/program')).runProgram(process.argv);
}

void main(process.argv);

export {};
