import assert from 'node:assert/strict';
import { mock } from 'node:test';
import {
  PendingRequest,
  PendingRequests,
} from '../../../../../src/builtin/upstream/connection/pending-requests';
import { RequestContext } from '../../../../../src/builtin/upstream/connection/request-context';
import { Canceller } from '../../../../../src/platform/cancel-signal';

describe('requests under way', () => {
  let now: number;
  let late: number[];
  let requests: PendingRequests;
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i += 1) {
      now += 1;
      mock.timers.tick(1);
    }
  };
  const add = (id: number, timeoutMs: number, signal = new Canceller()): PendingRequest => {
    const ignore = (): void => undefined;
    const context = new RequestContext(id, 'tools/call', undefined);
    const request = new PendingRequest(context, { timeoutMs, signal }, ignore, ignore);
    requests.add(request);
    return request;
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    now = 0;
    late = [];
    requests = new PendingRequests(
      ({ context: { id } }) => {
        late.push(id);
        requests.take(id);
      },
      () => now,
    );
  });
  afterEach(() => {
    requests.dispose();
    mock.timers.reset();
  });

  it('time out one by one, each after its own time, in any order of arrival', () => {
    add(1, 600);
    add(2, 200);
    add(3, 400);
    pass(198);
    assert.deepEqual(late, []);
    pass(4);
    assert.deepEqual(late, [2]);
    pass(396);
    assert.deepEqual(late, [2, 3]);
    pass(4);
    assert.deepEqual(late, [2, 3, 1]);
    assert.deepEqual(requests.all(), []);
  });

  it('are not late when they were taken out, and the others still are', () => {
    add(1, 100);
    add(2, 300);
    pass(50);
    assert.equal(requests.take(1)?.context.id, 1);
    assert.equal(requests.take(1), undefined);
    pass(260);
    assert.deepEqual(late, [2]);
  });

  it('have their full time again after a restart of the timeout', () => {
    const request = add(1, 100);
    pass(90);
    requests.restartTimeout(request);
    pass(90);
    assert.deepEqual(late, []);
    pass(20);
    assert.deepEqual(late, [1]);
  });

  it('do not time out while a server request is pending, and have their full time again afterwards', () => {
    const request = add(1, 100);
    add(2, 150);
    request.serverRequests = 1;
    pass(1000);
    assert.deepEqual(late, [2]);
    request.serverRequests = 0;
    requests.restartTimeout(request);
    pass(90);
    assert.deepEqual(late, [2]);
    pass(20);
    assert.deepEqual(late, [2, 1]);
  });

  it('may take longer than a timer can count', () => {
    add(1, 2 ** 40);
    pass(10);
    assert.deepEqual(late, []);
    add(2, 20);
    pass(25);
    assert.deepEqual(late, [2]);
  });

  it('are notified of an abort as long as they are pending', () => {
    const told: number[] = [];
    const signal = new Canceller();
    for (const id of [1, 2]) {
      const context = new RequestContext(id, 'tools/call', undefined);
      const ignore = (): void => undefined;
      const request = new PendingRequest(context, { timeoutMs: 1000, signal }, ignore, ignore);
      request.onAbort = () => void told.push(id);
      requests.add(request);
    }
    requests.take(1);
    signal.abort();
    assert.deepEqual(told, [2]);
  });

  it('are not late any more when the connection has ended', () => {
    add(1, 100);
    requests.dispose();
    add(2, 50);
    pass(500);
    assert.deepEqual(late, []);
  });
});
