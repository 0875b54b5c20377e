import assert from 'node:assert/strict';
import { ParkedCalls } from '../../../../src/builtin/protocol/parked-calls';
import type { OpenCall } from '../../../../src/builtin/protocol/open-call';
import type { RpcResponse } from '../../../../src/mcp-wire/rpc-response';
import { Params } from '../../../../src/mcp-wire/params';

const exchange = { send: () => true, reply: () => undefined };
const open = new AbortController().signal;

function paramsOf(value: object): Params {
  const bytes = Buffer.from(JSON.stringify(value));
  return new Params(bytes, { start: 0, end: bytes.length });
}

/** A call whose server asks `rounds` times, one question after the other. */
function asking(call: OpenCall, rounds: number): void {
  const work = async (): Promise<RpcResponse> => {
    for (let round = 0; round < rounds; round += 1) {
      const request = {
        method: 'elicitation/create',
        params: paramsOf({}),
        signal: new AbortController().signal,
      };
      await call.request({ ...request, progress: () => undefined });
    }
    return { kind: 'result', body: Buffer.from('{}') };
  };
  call.begin(work());
}

function stateOf(answer: RpcResponse): string {
  return (JSON.parse(answer.body.toString()) as { requestState: string }).requestState;
}

describe('a call that waits for its client', () => {
  const parked = new ParkedCalls();
  after(() => parked.dispose());

  async function first(rounds: number): Promise<string> {
    const call = parked.open('mine');
    asking(call, rounds);
    return stateOf(await call.next(exchange, open));
  }

  it('is found by the state that its client received, and by no other client', async () => {
    const state = await first(1);
    assert.throws(() => parked.find(state, 'somebody else'), /does not belong to this request/);
    assert.ok(parked.find(state, 'mine'));
  });

  it('is not found by a state that was altered', async () => {
    const state = await first(1);
    for (const altered of [`${state}-more`, state.slice(0, -1), state.replace('.1.', '.2.'), 'gateway-call:'])
      assert.throws(() => parked.find(altered, 'mine'), /does not belong to this request/, altered);
  });

  it('leaves a state that is not the gateway’s to the server', () => {
    assert.equal(parked.find('a state of the server', 'mine'), undefined);
  });

  it('has another state in each round, and the one before is of no use any more', async () => {
    const state = await first(2);
    const call = parked.find(state, 'mine');
    call?.resume(paramsOf({ inputResponses: { q1: {} } }));
    const second = await call?.next(exchange, open);
    assert.ok(second && stateOf(second) !== state);
    assert.throws(() => parked.find(state, 'mine'), /has ended/);
  });

  it('asks again, and still waits, when its client comes back without the answer', async () => {
    const call = parked.find(await first(1), 'mine');
    call?.resume(paramsOf({ inputResponses: { other: {} } }));
    const again = await call?.next(exchange, open);
    assert.ok(again && parked.find(stateOf(again), 'mine') === call);
  });

  it('is over for a client that comes back after it gave way', async () => {
    const state = await first(1);
    const call = parked.find(state, 'mine');
    assert.equal(call?.waitingForInputSince !== undefined, true);
    call?.evict();
    await assert.rejects(
      call?.next(exchange, open) ?? Promise.resolve(),
      /another call took its place\. Call again/,
    );
  });

  it('is ended when too many wait, first the one that has waited longest', async () => {
    const full = new ParkedCalls();
    const waiting = async (): Promise<[OpenCall, string]> => {
      const call = full.open('mine');
      asking(call, 1);
      return [call, stateOf(await call.next(exchange, open))];
    };
    const [call, state] = await waiting();
    const others: OpenCall[] = [];
    const states: string[] = [];
    while (others.length < 63) {
      const [other, itsState] = await waiting();
      others.push(other);
      states.push(itsState);
    }
    assert.equal(full.find(state, 'mine'), call);
    const [last, lastState] = await waiting();
    const again = stateOf(await call.next(exchange, open));
    assert.deepEqual([call.signal.aborted, last.signal.aborted], [false, false]);
    assert.deepEqual(
      others.map(({ signal }) => signal.aborted),
      [true, ...others.slice(1).map(() => false)],
    );
    assert.equal(full.find(again, 'mine'), call);
    assert.equal(full.find(lastState, 'mine'), last);
    assert.throws(() => full.find(states[0] ?? '', 'mine'), /has ended\. Call again/);
    full.dispose();
  });
});
