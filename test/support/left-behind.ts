import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';

/**
 * What still hangs on a signal: its listeners, and the signals that `AbortSignal.any` made of it, of which Node keeps an
 * account for as long as the signal lives. Fails where this Node does not show that account.
 */
export function leftOn(signal: AbortSignal): { listeners: number; dependents: number } {
  const known = new AbortController();
  const made = AbortSignal.any([known.signal]);
  assert.equal(dependents(known.signal), 1, 'this Node keeps its account of dependent signals elsewhere');
  assert.equal(made.aborted, false);
  return { listeners: getEventListeners(signal, 'abort').length, dependents: dependents(signal) };
}

export const nothing = { listeners: 0, dependents: 0 };

function dependents(signal: AbortSignal): number {
  const key = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  );
  const account: unknown = key && Reflect.get(signal, key);
  return typeof account === 'object' && account !== null && 'size' in account ? Number(account.size) : 0;
}
