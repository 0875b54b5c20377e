import assert from 'node:assert/strict';
import * as v from 'valibot';
import type { DevContainer } from './dev-container';

const Overview = v.object({
  status: v.string(),
  reason: v.optional(v.string(), ''),
  next: v.optional(v.string(), ''),
});

/** What `status --json` says of the gateway of a workspace, on the host. */
export interface StatusReport {
  code: number;
  status: string;
  reason: string;
  next: string;
}

/** Asks `status`; it has to print its document whatever it finds. */
export async function gatewayStatus(container: DevContainer): Promise<StatusReport> {
  const { code, stdout, stderr } = await container.cli('status', '--json');
  assert.notEqual(stdout.trim(), '', stderr);
  return { code, ...v.parse(Overview, JSON.parse(stdout)) };
}
