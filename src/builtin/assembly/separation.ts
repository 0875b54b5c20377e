import { readFileSync } from 'node:fs';
import { messageOf } from '../../platform/errors';
import type { Logger } from '../../platform/log';
import { sentence } from '../../platform/sentence';
import { late } from '../../platform/late';
import { nextFields, type ApiProblem } from '../../servers/api-types';
import { ServerUsers, type UserIds } from '../upstream/transports/server-users';
import { takeState } from './take-state';

/** What a gateway needs to run its servers as other users, as bits of `CapEff` in `/proc/self/status`. */
const capabilities: readonly { name: string; bit: number }[] = [
  { name: 'CHOWN', bit: 0 },
  { name: 'DAC_OVERRIDE', bit: 1 },
  { name: 'KILL', bit: 5 },
  { name: 'SETGID', bit: 6 },
  { name: 'SETUID', bit: 7 },
];

export interface Separation {
  /** The users of the servers. `undefined` when they run as the user of the gateway. */
  users: ServerUsers | undefined;
  problems: ApiProblem[];
}

/**
 * Finds out whether the servers can have other users than the gateway, and takes the state folder for the gateway alone.
 * Where the engine does not permit it, everything runs as one user, and `problems` says so.
 */
export async function separateServers(
  state: string,
  workspace: UserIds,
  inWorkspace: readonly string[],
  log: Logger,
): Promise<Separation> {
  const obstacle = obstacleOf(workspace);
  if (obstacle !== undefined) return { users: undefined, problems: [sharedUser(obstacle)] };
  const problems = workspace.uid === 0 ? [rootWorkspace] : [];
  try {
    await takeState(state, workspace, log);
  } catch (error) {
    problems.push(openState(state, messageOf(error)));
  }
  const users = new ServerUsers({ state, workspace, inWorkspace: new Set(inWorkspace) });
  return { users, problems };
}

/** Why the gateway cannot start a process as another user. `undefined` when it can. */
function obstacleOf(workspace: UserIds): string | undefined {
  if (process.getuid?.() !== 0) return `it runs as user ${process.getuid?.() ?? 'unknown'} instead of 0`;
  const missing = missingCapabilities(readFileSync('/proc/self/status', 'utf8'));
  if (missing.length > 0) return `it lacks the capabilities ${missing.join(', ')}`;
  for (const user of [workspace, { uid: 61_999, gid: workspace.gid }])
    if (!canBecome(user)) return `the engine has no user ${user.uid} or group ${user.gid}`;
  return undefined;
}

/** The names of the needed capabilities that a process does not have. `status` is its `/proc/…/status`. */
export function missingCapabilities(status: string): string[] {
  const [, mask = '0'] = /^CapEff:\s*([\da-f]+)$/m.exec(status) ?? [];
  return capabilities
    .filter(({ bit }) => ((BigInt(`0x${mask}`) >> BigInt(bit)) & 1n) === 0n)
    .map(({ name }) => name);
}

/** A process becomes the user before it looks for its program, so a missing program says that it could. */
function canBecome(user: UserIds): boolean {
  const { error } = late.childProcess.spawnSync('/nonexistent/program', [], { ...user, stdio: 'ignore' });
  return error !== undefined && 'code' in error && error.code === 'ENOENT';
}

function sharedUser(obstacle: string): ApiProblem {
  return {
    message: `The gateway and its servers run as one user, because ${obstacle}. Each server can read the secrets of all servers and the admin token.`,
    ...nextFields(
      'Let Compose start the service mcp-gateway as docker-compose.mcp-gateway.yml says, or run no server that you do not trust.',
    ),
  };
}

/** A volume of another kind may not let its files change their owner. */
function openState(state: string, cause: string): ApiProblem {
  return {
    message: sentence(`The state folder ${state} could not be closed to servers: ${cause}`),
    ...nextFields('Keep the state in a volume of the local driver, whose files can change their owner.'),
  };
}

const rootWorkspace: ApiProblem = {
  message:
    'Servers without secrets run as root, as the gateway does, because MCP_GATEWAY_UID is 0. Each of them can read the secrets of all servers and the admin token.',
  ...nextFields(
    'Set MCP_GATEWAY_UID and MCP_GATEWAY_GID to a user other than root, or run no server that you do not trust.',
  ),
};
