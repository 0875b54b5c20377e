import type { Logger } from '../../platform/log';
import type { GatewayOptions } from './options';

/** What a gateway needs from the process that runs it. */
export interface GatewayHost {
  options: GatewayOptions & { state: string };
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** Called when a client requests a restart. */
  onRestart(): void;
}
