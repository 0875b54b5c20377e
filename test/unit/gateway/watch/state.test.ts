import assert from 'node:assert/strict';
import { type GatewayReport, type ServerReport, nextFields } from '../../../../src/servers/api-types';
import {
  isSettled,
  reduce,
  startGraceMs,
  type Finding,
  type GatewayState,
} from '../../../../src/gateway/watch/state';
import { GatewayStore } from '../../../../src/gateway/watch/store';
import { about, server } from './samples';
import { step } from '../../../../src/platform/next-step';

const start = Date.parse('2026-01-01T00:00:00Z');
const url = 'http://127.0.0.1:1234/mcp';
const trouble = { reason: 'because', next: step('do this') };
const startedAt = new Date(start).toISOString();
const running: Finding = { type: 'running', url, startedAt };

function answered(servers: ServerReport[], ready = true, gateway: GatewayReport = about()): Finding {
  return { type: 'answered', url, ready, gateway, servers };
}

/** The state after findings that are a second apart each. */
function after(...findings: Finding[]): GatewayState | undefined {
  return findings.reduce<GatewayState | undefined>(
    (state, finding, index) =>
      reduce(state, { ...finding, at: new Date(start + index * 1000).toISOString() }),
    undefined,
  );
}

describe('the state of a gateway', () => {
  it('is absent when nothing was created, and stopped when it was stopped', () => {
    assert.equal(after({ type: 'missing', ...trouble })?.status, 'absent');
    assert.equal(after(running, { type: 'stopped', ...trouble })?.status, 'stopped');
  });

  it('is starting from the moment its program runs until it is ready', () => {
    assert.equal(after({ type: 'creating', step: 'building' }, running)?.status, 'starting');
    const waiting = after(running, answered([server('a', 'starting')], false));
    assert.ok(waiting?.status === 'starting');
    assert.deepEqual(
      waiting.servers.map(({ name }) => name),
      ['a'],
    );
  });

  it('is healthy when it answers and every server is fine, idle and disabled ones included', () => {
    const state = after(
      running,
      answered([server('a', 'ready'), server('b', 'idle'), server('c', 'disabled')]),
    );
    assert.equal(state?.status, 'healthy');
  });

  it('is degraded when an enabled server failed, and names it', () => {
    const state = after(running, answered([server('a', 'ready'), server('b', 'failed')]));
    assert.ok(state?.status === 'degraded');
    assert.match(state.reason, /1 of 2 servers failed \(b\): b broke/);
    assert.deepEqual(state.next, step('mend b'));
  });

  it('is degraded when its servers file cannot be read', () => {
    const problem = { message: 'rubbish', file: 'f', line: 1, column: 2, ...nextFields('correct it') };
    const state = after(running, answered([], true, about({ problem })));
    assert.ok(state?.status === 'degraded');
    assert.deepEqual([state.reason, state.next], ['rubbish', step('correct it')]);
  });

  it('changes between healthy and degraded as single servers change', () => {
    const up = answered([server('a', 'ready'), server('b', 'ready')]);
    const failed: Finding = { type: 'server', server: server('b', 'failed') };
    assert.equal(after(running, up, failed)?.status, 'degraded');
    const mended: Finding = { type: 'server', server: server('b', 'ready') };
    const state = after(running, up, failed, mended);
    assert.ok(state?.status === 'healthy');
    assert.equal(state.since, new Date(start + 3000).toISOString());
  });

  it('takes up a server that it did not know, and what the gateway says of itself', () => {
    const state = after(answered([]), { type: 'server', server: server('new', 'ready') });
    assert.ok(state?.status === 'healthy');
    assert.equal(state.servers.length, 1);
    const problem = { message: 'rubbish', file: null, line: null, column: null, ...nextFields('') };
    assert.equal(after(answered([]), { type: 'about', gateway: about({ problem }) })?.status, 'degraded');
  });

  it('is unhealthy when something answers that is not our gateway', () => {
    assert.equal(after(running, { type: 'unfit', url, ...trouble })?.status, 'unhealthy');
  });

  it('stays starting while a fresh program is silent, and is unreachable when that lasts', () => {
    const silent: Finding = { type: 'silent', url, ...trouble };
    const fresh = after(running, silent);
    assert.equal(fresh?.status, 'starting');
    const at = new Date(start + startGraceMs + 1000).toISOString();
    assert.equal(reduce(fresh, { ...silent, at })?.status, 'unreachable');
  });

  it('is unreachable at once when a program is silent that runs for long, or nobody knows for how long', () => {
    const silent: Finding = { type: 'silent', url, ...trouble };
    const old = new Date(start - startGraceMs).toISOString();
    assert.equal(after({ ...running, startedAt: old }, silent)?.status, 'unreachable');
    assert.equal(after({ ...running, startedAt: null }, silent)?.status, 'unreachable');
    const waiting = answered([server('a', 'starting')], false, about({ startedAt: old }));
    assert.equal(after(waiting, silent)?.status, 'unreachable');
  });

  it('is unreachable when one that answered falls silent', () => {
    assert.equal(after(answered([]), { type: 'silent', url, ...trouble })?.status, 'unreachable');
  });

  it('lets what the engine knows outweigh silence', () => {
    const silent: Finding = { type: 'silent', url, ...trouble };
    const failed: Finding = { type: 'failed', exitCode: 3, log: ['x'], ...trouble };
    assert.equal(after(failed, silent)?.status, 'failed');
    assert.equal(after({ type: 'stopped', ...trouble }, silent)?.status, 'stopped');
    assert.equal(after({ type: 'missing', ...trouble }, silent)?.status, 'absent');
  });

  it('keeps what is known of its answers while the engine repeats that it runs', () => {
    assert.equal(after(answered([]), running)?.status, 'healthy');
  });

  it('forgets what was known of its answers when its program is started anew', () => {
    const state = after(answered([server('a', 'ready')]), { type: 'restarted', url, startedAt });
    assert.deepEqual(state, {
      status: 'starting',
      since: new Date(start + 1000).toISOString(),
      url,
      servers: [],
      startedAt,
    });
  });

  it('recovers from failed and from unreachable', () => {
    const failed: Finding = { type: 'failed', exitCode: 3, log: [], ...trouble };
    assert.equal(after(failed, running)?.status, 'starting');
    assert.equal(after({ type: 'silent', url, ...trouble }, answered([]))?.status, 'healthy');
  });

  it('remembers since when it has had its status', () => {
    const state = after(answered([]), answered([server('a', 'ready')]), answered([]));
    assert.equal(state?.since, new Date(start).toISOString());
  });

  it('ignores news of servers of a gateway that does not answer', () => {
    const stopped = after({ type: 'stopped', ...trouble });
    const at = new Date(start + 1000).toISOString();
    assert.equal(reduce(stopped, { type: 'server', server: server('a', 'ready'), at }), stopped);
    assert.equal(reduce(undefined, { type: 'about', gateway: about(), at }), undefined);
  });

  it('is settled when waiting longer would not change it', () => {
    const states = [after(running), after({ type: 'creating', step: 'x' }), after(answered([]))];
    assert.deepEqual(
      states.map((state) => state && isSettled(state)),
      [false, false, true],
    );
  });
});

describe('the store of gateway states', () => {
  const at = new Date(start).toISOString();

  it('tells its listeners of changes, and only of changes', () => {
    const store = new GatewayStore();
    const seen: (string | undefined)[] = [];
    store.onChange(({ state }) => seen.push(state?.status));
    store.dispatch('a', { ...running, at });
    store.dispatch('a', { ...running, at });
    store.dispatch('a', { ...answered([]), at });
    store.forget('a');
    assert.deepEqual(seen, ['starting', 'healthy', undefined]);
  });

  it('resolves a wait with the first state that fits, and with nothing when the wait is given up', async () => {
    const store = new GatewayStore();
    const controller = new AbortController();
    const healthy = store.until('a', (state) => state.status === 'healthy', controller.signal);
    const failed = store.until('a', (state) => state.status === 'failed', controller.signal);
    store.dispatch('a', { ...running, at });
    store.dispatch('a', { ...answered([]), at });
    controller.abort();
    assert.equal((await healthy)?.status, 'healthy');
    assert.equal(await failed, undefined);
  });
});
