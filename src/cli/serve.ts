import { createRequire } from 'node:module';
import { gatewayProgram } from '../gateway/local/program';
import { exists } from '../platform/files';
import type { CliIo } from './io';
import { variableNames, workspaceChoice } from './manager';
import type { CommonOptions } from './options';
import { reportAndExit } from './run';

export interface ServeOptions extends CommonOptions {
  servers?: string;
  host?: string;
  port?: string;
  stdio?: boolean;
  state?: string;
  env?: string[];
  allowedHost?: string[];
}

/**
 * `serve`: becomes the gateway program: it runs in this very process, so that its signals and its end are the gateway's, and no
 * parent can be killed away from above it.
 */
export async function serve(options: ServeOptions): Promise<void> {
  try {
    const program = await gatewayProgram();
    process.argv = [
      process.execPath,
      program,
      ...(await programArguments({ cwd: process.cwd(), env: process.env }, options)),
    ];
    createRequire(program)(program);
  } catch (error) {
    await reportAndExit(error, options.json === true);
  }
}

/** The options of the gateway program that the command line's options mean. */
export async function programArguments(
  io: Pick<CliIo, 'cwd' | 'env'>,
  options: ServeOptions,
): Promise<string[]> {
  const file = options.servers ?? (await workspaceServers(io, options));
  const single: [string, string | undefined][] = [
    ['--servers', file],
    ['--host', options.host],
    ['--port', options.port],
    ['--state', options.state],
    ['--token-file', options.tokenFile],
  ];
  return [
    ...single.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...(options.stdio === true ? ['--stdio'] : []),
    ...variableNames(options.env).flatMap((name) => ['--env', name]),
    ...(options.allowedHost ?? []).flatMap((name) => ['--allowed-host', name]),
  ];
}

async function workspaceServers(
  io: Pick<CliIo, 'cwd' | 'env'>,
  options: CommonOptions,
): Promise<string | undefined> {
  const { serversFile } = await import('../gateway/workspace');
  const own = await serversFile(workspaceChoice(io, options));
  for (const file of [own, 'servers.json']) if (await exists(file)) return file;
  return undefined;
}
