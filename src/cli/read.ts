import type { Command } from 'commander';
import { withGateway } from './gateway';
import type { CliIo } from './io';
import { withCommonOptions, type CommonOptions } from './options';
import { run } from './run';

export function registerRead(program: Command): void {
  withCommonOptions(program.command('read'))
    .description(
      'write the bytes of a resource to standard output; with --json the result as the server sent it',
    )
    .argument('<uri>', 'the URI of the resource')
    .action(
      async (uri: string, options: CommonOptions) =>
        await run(options, async (io) => await read(io, uri, options)),
    );
}

export async function read(io: CliIo, uri: string, options: CommonOptions): Promise<void> {
  await withGateway(io, options, async (gateway) => {
    let raw = '';
    const bytes = await gateway.read(uri, { onRaw: (text) => (raw = text) });
    io.stdout(options.json === true ? `${raw}\n` : bytes);
  });
}
