import type { Context } from 'mocha';

/** Leaves a test or a group out, and says why on the screen. */
export function skipBecause(context: Context, reason: string): never {
  process.stdout.write(`      left out: ${reason}\n`);
  context.skip();
}
