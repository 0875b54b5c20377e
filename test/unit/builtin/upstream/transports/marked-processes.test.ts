import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ChildProcesses } from '../../../../../src/builtin/upstream/transports/child-processes';
import { MarkedProcesses } from '../../../../../src/builtin/upstream/transports/marked-processes';
import { skipBecause } from '../../../../support/skip';

describe('the end of many children', () => {
  /** The number of looks at all processes that it takes to stop so many children at one time. */
  async function looksToStop(count: number): Promise<number> {
    let looks = 0;
    const processes = new ChildProcesses(
      undefined,
      new MarkedProcesses(async () => {
        looks += 1;
        return await Promise.resolve(new Map());
      }),
    );
    const options = { command: 'cat', args: [], env: {}, cwd: process.cwd() };
    const started = Array.from({ length: count }, () => processes.start(options));
    await Promise.all(started.map(async ({ child, marker }) => processes.stop(child, marker)));
    processes.dispose();
    return looks;
  }

  it('takes one look at the processes of the machine, whether they are five or forty', async () => {
    assert.equal(await looksToStop(5), 1);
    assert.equal(await looksToStop(40), 1);
  });

  it('looks again for a child that was stopped during a look', async () => {
    const asked: string[][] = [];
    let onFirstLook: () => Promise<void> = async () => Promise.resolve();
    const marked: MarkedProcesses = new MarkedProcesses(async (variables) => {
      asked.push([...variables]);
      if (asked.length === 1) await onFirstLook();
      return new Map();
    });
    let second: Promise<void> | undefined;
    onFirstLook = async () => {
      second = marked.kill('B=2');
      return Promise.resolve();
    };
    await marked.kill('A=1');
    await second;
    assert.deepEqual(asked, [['A=1'], ['B=2']]);
  });

  it('kills what has the variable, and tells who asked when the processes cannot be read', async function () {
    if (process.platform !== 'linux') skipBecause(this, 'only Linux has /proc');
    const variable = `MARKED_TEST=${process.pid}`;
    const child = spawn('sleep', ['600'], { env: { MARKED_TEST: String(process.pid) } });
    await once(child, 'spawn');
    const exit = once(child, 'exit');
    await new MarkedProcesses().kill(variable);
    assert.deepEqual(await exit, [null, 'SIGKILL']);
    const failing = new MarkedProcesses(async () => Promise.reject(new Error('no /proc')));
    await assert.rejects(failing.kill(variable), /no \/proc/);
  });
});
