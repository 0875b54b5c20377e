import { endLeftGateways } from './gateway';

/** Root hooks of the suites that start gateways. */
export const mochaHooks = { afterAll: endLeftGateways };
