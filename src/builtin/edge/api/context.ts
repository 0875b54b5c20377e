import type { ServerRegistry } from '../../catalogue/server-registry';
import type { Disposable } from '../../../platform/disposable';
import type { Ends } from '../local-peer';
import type { HttpProblem } from '../respond';
import type { LiveServers } from '../../config/live-servers';
import type { Secrets } from '../../config/secrets';
import type { LogBuffer } from '../../logs/buffer';
import type { CallControl } from '../../call-control/call-control';
import type { TokenStore } from '../../tokens/token-store';
import type { GatewayReport } from '../../../servers/api-types';
import type { Savings } from '../../catalogue/tool-search/savings';
import type { StateProblems } from '../../state/state-problems';
import type { ToolChanges } from '../../catalogue/tool-changes/tool-changes';

/** What the gateway says of itself, with what tool search saves; `null` while clients see every tool. */
export interface OwnReport extends GatewayReport {
  toolSearch: Savings | null;
}

export interface ApiContext {
  registry: ServerRegistry;
  live: LiveServers;
  stateProblems: StateProblems;
  toolChanges: ToolChanges;
  callControl: CallControl;
  tokens: TokenStore;
  secrets: Secrets;
  /** Returns the value of a variable that servers may refer to. */
  variable: (name: string) => string | undefined;
  gateway: () => OwnReport;
  onGatewayChanged: (listener: () => void) => Disposable;
  /** The log of a server. The name `gateway` returns the gateway's own log. */
  log(name: string): LogBuffer | undefined;
  /** Why a change from this peer is refused. Absent where every peer may make changes. */
  peerProblem?: ((ends: Ends) => Promise<HttpProblem | undefined>) | undefined;
  /** Ends the process cleanly. Its supervisor starts it again. */
  restart(): void;
}
