import type { Logger } from '../../platform/log';
import type { GatewayOptions } from './options';

/** What a gateway runs in. */
export interface GatewayHost {
  options: GatewayOptions & { state: string };
  env: NodeJS.ProcessEnv;
  log: Logger;
  /** Called when a client asked for a restart. */
  onRestart(): void;
}
