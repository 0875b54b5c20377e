import type { GatewayStatus } from '../gateway/watch/state';

/** The codicon of each state in the status bar; those that change spin. */
export const icons: Readonly<Record<GatewayStatus, string>> = {
  absent: 'circle-slash',
  stopped: 'debug-pause',
  creating: 'loading~spin',
  starting: 'loading~spin',
  healthy: 'plug',
  degraded: 'warning',
  unhealthy: 'warning',
  unreachable: 'debug-disconnect',
  failed: 'error',
};
