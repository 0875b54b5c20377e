// Loaded by the editor's extension host, bundled: runs every test file beside it and writes the counts.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** Called by the editor; rejecting marks the run as failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 30_000, forbidOnly: true });
  mocha.suite.emit('pre-require', globalThis, 'host', mocha);
  await import('./activation.test');
  const { stats, failures } = await new Promise<{ stats: Mocha.Stats; failures: number }>((resolve) => {
    const runner = mocha.run((count) => resolve({ stats: runner.stats ?? none, failures: count }));
  });
  const { passes, pending } = stats;
  const report = process.env['MCP_TEST_REPORT'];
  if (report) writeFileSync(report, JSON.stringify({ passed: passes, failed: failures, pending }));
  if (failures > 0) throw new Error(`${failures} tests failed`);
}

const none: Mocha.Stats = { suites: 0, tests: 0, passes: 0, pending: 0, failures: 0 };
