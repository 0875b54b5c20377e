import assert from 'node:assert/strict';
import { AppError, LeftoverError } from '../../../src/platform/errors';
import { type CliResult, runVerb } from '../../support/cli';

describe('a verb that Ctrl-C ends', () => {
  const reason = new AppError('cancelled', 'Cancelled.');

  async function endWith(error: Error): Promise<CliResult> {
    const abort = new AbortController();
    const failing = async (): Promise<void> => {
      abort.abort(reason);
      await Promise.reject(error);
    };
    return await runVerb(failing, { signal: abort.signal });
  }

  it('says that alone, whatever its work made of it', async () => {
    for (const error of [
      reason,
      new DOMException('This operation was aborted', 'AbortError'),
      new AppError('cancelled', '"docker compose up" was cancelled'),
      new AppError('unreachable', 'the gateway is not reachable', { cause: reason }),
    ])
      assert.deepEqual((await endWith(error)).stderr, 'error: Cancelled.\n');
  });

  it('says what it could not take back, and a failure that came of something else', async () => {
    const left = new LeftoverError(reason, 'Undoing the change failed too: no space left.', 'Fix that.');
    const whole = 'error: Cancelled. Undoing the change failed too: no space left.\nNext: Fix that.\n';
    assert.equal((await endWith(left)).stderr, whole);
    const wrapped = new AppError('engine', 'the disk is full', { cause: new Error('ENOSPC') });
    assert.equal((await endWith(wrapped)).stderr, 'error: the disk is full\n');
  });
});
