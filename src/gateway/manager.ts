import type { Kind } from './kind';
import type { GatewayAddress } from './address';
import type { ServerReport } from '../servers/api-types';
import type { GatewayState } from './watch/state';
import type { Subject } from './watch/watch';

/** How and where a gateway runs. */
export type Placement =
  | { kind: 'container'; workspace: string; project: string; container: string | null; image: string | null }
  | { kind: 'process'; workspace: string; pid: number | null; logFile: string; stateDir: string }
  | { kind: 'remote'; source: string };

/** What `status` tells. */
export interface GatewayOverview {
  placement: Placement;
  state: GatewayState;
  /** What the person should know besides: one sentence each. */
  notes: readonly string[];
}

export interface WorkOptions {
  signal: AbortSignal;
  /** Gets lines of progress, free of secrets. */
  progress: (line: string) => void;
}

export interface UpOptions extends WorkOptions {
  /** Whether the image is built first; the present one is kept when the build fails. */
  build: boolean;
  /** How long the gateway may take to settle. */
  timeoutMs: number;
}

export interface LogsOptions {
  follow: boolean;
  /** Number of last lines. */
  tail: number;
  signal: AbortSignal;
}

/**
 * One workspace's gateway, wherever it runs. Calls throw an `AppError`: `no-engine` where the work needs an engine and
 * there is none, `not-found` for a gateway or server that does not exist, `compose`, `engine`, `conflict`, `timeout`.
 */
export interface GatewayManager {
  /** What kind of gateway it is; ask it for the parts that not every kind has. */
  readonly kind: Kind;
  readonly subject: Subject;
  /** How it is, after a short while for one that is just starting. */
  status(signal: AbortSignal): Promise<GatewayOverview>;
  /** Creates and starts it, and waits until it has settled. */
  up(options: UpOptions): Promise<GatewayOverview>;
  /** Stops it; its state, token and caches stay. */
  down(options: WorkOptions): Promise<GatewayOverview>;
  restart(options: WorkOptions): Promise<GatewayOverview>;
  restartServer(name: string, signal: AbortSignal): Promise<ServerReport>;
  /** The log of one server, or the gateway's own without a name; lines are free of the client token. */
  logs(server: string | undefined, options: LogsOptions): AsyncIterable<string>;
  /** Where it answers. Throws when it does not run. */
  address(signal: AbortSignal): Promise<GatewayAddress>;
  /** The token for changes, from the gateway's own state; `undefined` where that cannot be read from here. */
  adminToken(signal: AbortSignal): Promise<string | undefined>;
}
