import { endLeftGateways } from './gateway';

/** How long what tests have left may keep the suite from ending. */
const graceMs = 30_000;

/** Root hooks of the suites that start gateways. */
export const mochaHooks = {
  afterAll: (): void => {
    endLeftGateways();
    setTimeout(() => {
      process.stderr.write('the tests have left something running: the suite is ended as failed\n');
      process.kill(process.pid);
    }, graceMs).unref();
  },
};
