import assert from 'node:assert/strict';
import { Canceller } from '../../../src/platform/cancel-signal';
import { deadline } from '../../../src/platform/deadline';

describe('a canceller', () => {
  it('calls every listener once, and no removed listener', () => {
    const canceller = new Canceller();
    const called: string[] = [];
    const gone = (): void => void called.push('gone');
    canceller.addEventListener('abort', () => called.push('first'));
    canceller.addEventListener('abort', gone);
    canceller.addEventListener('abort', () => called.push('second'));
    canceller.removeEventListener('abort', gone);
    canceller.abort();
    canceller.abort();
    assert.deepEqual(called, ['first', 'second']);
    assert.equal(canceller.aborted, true);
  });

  it('does not call who listens when it is over, as an AbortSignal does not', () => {
    const canceller = new Canceller();
    canceller.abort();
    canceller.addEventListener('abort', () => assert.fail('it was called'));
    canceller.abort();
  });

  it('does not call who lets go while the others are called', () => {
    const canceller = new Canceller();
    const called: string[] = [];
    const second = (): void => void called.push('second');
    canceller.addEventListener('abort', () => canceller.removeEventListener('abort', second));
    canceller.addEventListener('abort', second);
    canceller.abort();
    assert.deepEqual(called, []);
  });

  it('is of no meaning to another one', () => {
    const one = new Canceller();
    const other = new Canceller();
    let heard = 0;
    one.addEventListener('abort', () => (heard += 1));
    other.abort();
    assert.equal(heard, 0);
    one.abort();
    assert.equal(heard, 1);
  });

  it('aborts a real signal that was made of it, until that lets go', () => {
    const canceller = new Canceller();
    const limit = deadline([canceller]);
    const other = deadline([canceller]);
    other.dispose();
    canceller.abort();
    assert.equal(limit.signal.aborted, true);
    assert.equal(other.signal.aborted, false);
    assert.equal(deadline([canceller]).signal.aborted, true);
  });
});
