import { withGateway } from './gateway';
import type { CliIo } from './io';
import type { CommonOptions } from './options';

/** `read`: writes the bytes of a resource. */
export async function read(io: CliIo, uri: string, options: CommonOptions): Promise<void> {
  await withGateway(io, options, async (gateway) => {
    let raw = '';
    const bytes = await gateway.read(uri, { onRaw: (text) => (raw = text) });
    io.stdout(options.json === true ? `${raw}\n` : bytes);
  });
}
