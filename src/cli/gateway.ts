import { Gateway } from '../gateway/drivers/core';
import { resolveTarget, type GatewayTarget, type TargetContext } from '../gateway/target';
import { AppError } from '../platform/errors';
import type { CliIo } from './io';
import type { CommonOptions } from './options';

/** What the search for a gateway looks at. */
function targetContext(io: Pick<CliIo, 'env' | 'cwd'>): TargetContext {
  return {
    env: io.env,
    cwd: io.cwd,
    locateWorkspace: () =>
      Promise.reject(
        new AppError('not-found', 'this workspace has no gateway', {
          next: 'Name one with --url, or run "devcontainer-mcp up".',
        }),
      ),
  };
}

/** The gateway that the options and the environment mean. */
export async function targetOf(
  io: Pick<CliIo, 'env' | 'cwd'>,
  options: CommonOptions,
): Promise<GatewayTarget> {
  return await resolveTarget(options, targetContext(io));
}

/** Does something with the gateway that the options mean, and lets go of it afterwards. */
export async function withGateway<T>(
  io: CliIo,
  options: CommonOptions,
  work: (gateway: Gateway) => Promise<T>,
): Promise<T> {
  // The MCP library takes a while to load, and the verbs that relay bytes do without it.
  const { openDriver } = await import('../gateway/drivers/registry');
  const gateway = new Gateway(await openDriver(await targetOf(io, options), io.signal), io.signal);
  try {
    return await work(gateway);
  } finally {
    await gateway.dispose();
  }
}
