// Loaded by the editor's extension host, bundled: runs every test file beside it and writes the counts.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';
import { notes } from './notes';

/** Called by the editor; rejecting marks the run as failed. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 30_000, forbidOnly: true });
  mocha.suite.emit('pre-require', globalThis, 'host', mocha);
  await import('./activation.test');
  await import('./contributions.test');
  await import('./states.test');
  await import('./commands.test');
  await import('./refusals.test');
  await import('./model.test');
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
  if (report) writeFileSync(report, JSON.stringify({ passed, failed, lines: [...lines, ...notes] }));
  if (failed > 0) throw new Error(`${failed} tests failed`);
}
