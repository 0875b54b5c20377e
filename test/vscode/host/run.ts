import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { notes } from './notes';

/**
 * Runs the test files that `load` imports, in the extension host, and writes the counts to `MCP_TEST_REPORT` with the
 * suite's name at its end. Rejects when a test failed, which marks the run as failed.
 */
export async function runSuite(name: string, load: () => Promise<void>): Promise<void> {
  const mocha = new Mocha({ timeout: 300_000, forbidOnly: true });
  mocha.suite.emit('pre-require', globalThis, name, mocha);
  await load();
  const lines: string[] = [];
  let passed = 0;
  const failed = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('pass', (test) => {
      passed += 1;
      lines.push(`  ✔ ${test.fullTitle()} (${test.duration ?? 0} ms)`);
    });
    runner.on('fail', (test, error: Error) =>
      lines.push(`  ✖ ${test.fullTitle()}\n${error.stack ?? error.message}`),
    );
  });
  const report = process.env['MCP_TEST_REPORT'];
  const counts = { passed, failed, lines: [...lines, ...notes] };
  if (report) writeFileSync(`${report}-${name}`, JSON.stringify(counts));
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
