import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { serveLines } from '../../../../src/builtin/edge/stdio';
import { eventually } from '../../../support/eventually';

/** What is sent here is answered before a protocol is asked. */
const nothing = {
  legacy: {} as never,
  modern: {} as never,
  scope: (): never => assert.fail('no request comes as far'),
  report: (): void => undefined,
};

function serve(limit: number) {
  const input = new PassThrough();
  const output = new PassThrough({ highWaterMark: 1 });
  const reports: string[] = [];
  const report = (problem: string): void => void reports.push(problem);
  return { input, output, reports, done: serveLines({ ...nothing, report }, input, output, limit) };
}

describe('the lines of a client on standard input', () => {
  it('are not read while the client does not read its answers', async () => {
    const { input, output, done } = serve(1000);
    input.write('no message\n');
    await eventually(() => input.isPaused());
    output.resume();
    await eventually(() => !input.isPaused());
    input.end();
    await done;
  });

  it('are reported and not answered when they are longer than a body may be', async () => {
    const { input, output, reports, done } = serve(1000);
    input.end(`${'x'.repeat(1001)}\n`);
    await done;
    assert.equal(output.read(), null);
    assert.match(reports.join(), /more than 1000 bytes.*bodyBytes.*dropped/);
  });

  it('have ended when the input is closed', async () => {
    const { input, done } = serve(1000);
    input.destroy();
    await done;
    const closed = new PassThrough();
    closed.destroy();
    await serveLines(nothing, closed, new PassThrough(), 1);
  });
});
