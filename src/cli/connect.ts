import type { Readable, Writable } from 'node:stream';
import { runBridge } from '../gateway/bridge/bridge';
import type { GatewayTarget } from '../gateway/resolve/target';
import { AppError } from '../platform/errors';
import { targetOf } from './gateway';
import type { CliIo } from './io';
import type { CommonOptions } from './options';
import { run } from './run';
import { milliseconds } from './seconds';

export interface ConnectOptions extends CommonOptions {
  wait?: string;
}

/** `connect`: bridges standard input and output until the input ends. */
export async function runConnect(options: ConnectOptions): Promise<void> {
  await run(options, async (io) => await connect(io, options, process.stdin, process.stdout));
}

/** The output carries nothing but messages. */
async function connect(io: CliIo, options: ConnectOptions, input: Readable, output: Writable): Promise<void> {
  const waitMs = milliseconds(options.wait, '--wait', 30);
  if (options.json === true) {
    throw new AppError('usage', 'connect writes JSON-RPC to standard output and does not accept --json.', {
      next: 'Remove --json.',
    });
  }
  // Waiting helps while there is no gateway yet. It does not fix a wrong option.
  let first: Promise<GatewayTarget> | undefined = targetOf(io, options);
  await first.catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'usage') throw error;
  });
  await runBridge({
    input,
    output,
    waitMs,
    signal: io.signal,
    locate: async () => {
      const target = first ?? targetOf(io, options);
      first = undefined;
      return await target;
    },
    log: (line) => io.stderr(`devcontainer-gateway connect: ${line}\n`),
  });
}
