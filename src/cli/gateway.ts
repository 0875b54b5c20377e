import type { Gateway } from '../gateway/drivers/core';
import {
  resolveTarget,
  type GatewayTarget,
  type TargetContext,
  type TargetOptions,
  type WorkspaceGateway,
} from '../gateway/resolve/target';
import { AppError } from '../platform/errors';
import type { CliIo } from './io';
import type { CommonOptions } from './options';
import { step } from '../platform/next-step';

/** What the search for a gateway looks at. */
function targetContext(io: Pick<CliIo, 'env' | 'cwd'>): TargetContext {
  return {
    env: io.env,
    cwd: io.cwd,
    locateWorkspace: async (options) => await locate(options, io),
  };
}

/** The gateway that the options and the environment mean. */
export async function targetOf(
  io: Pick<CliIo, 'env' | 'cwd'>,
  options: CommonOptions,
): Promise<GatewayTarget> {
  return await resolveTarget(options, targetContext(io));
}

async function locate(options: TargetOptions, io: Pick<CliIo, 'env' | 'cwd'>): Promise<WorkspaceGateway> {
  const { workspace, config } = options;
  // Inside a dev container the address is in the environment, and nothing that reads Compose or the engine is needed.
  const { locateWorkspaceGateway } = await import('../gateway/workspace');
  const found = await locateWorkspaceGateway({ workspace, config, cwd: io.cwd, env: io.env });
  if (found) {
    const { url, token, source } = found;
    return { url: url.href, kind: 'builtin', tokens: token === undefined ? [] : [token], source };
  }
  throw new AppError('not-found', 'no gateway of this workspace is running', {
    next: step(
      'Name a gateway with --url, rebuild a dev container that was created before it was wired, or start the gateway.',
      'up',
    ),
  });
}

/** Does something with the gateway that the options mean, and lets go of it afterwards. */
export async function withGateway<T>(
  io: CliIo,
  options: CommonOptions,
  work: (gateway: Gateway) => Promise<T>,
): Promise<T> {
  // The verbs that relay bytes do without these.
  const [core, { openDriver }] = await Promise.all([
    import('../gateway/drivers/core'),
    import('../kinds/registry'),
  ]);
  const gateway = new core.Gateway(await openDriver(await targetOf(io, options), io.signal), io.signal);
  try {
    return await work(gateway);
  } finally {
    await gateway.dispose();
  }
}
