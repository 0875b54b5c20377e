import { memberNamed, membersOf, stringValue } from '../../mcp-wire/json';

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** How severe a level is: 0 for `debug`, the most verbose. `undefined` for what is no level of the protocol. */
export function severityOf(level: string | undefined): number | undefined {
  const at = level === undefined ? -1 : levels.indexOf(level);
  return at < 0 ? undefined : at;
}

export const logMessage = 'notifications/message';

/** Whether a client that asked for `wanted` gets that notification; without a wish it gets all. */
export function passes(wanted: string | undefined, method: string, params: Buffer | undefined): boolean {
  if (method !== logMessage || wanted === undefined || !params) return true;
  const severity = severityOf(stringValue(params, memberNamed(membersOf(params, 0), 'level')));
  return severity === undefined || severity >= (severityOf(wanted) ?? 0);
}
