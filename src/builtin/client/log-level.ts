import { memberNamed, membersOf, stringValue } from '../../mcp-wire/json';

const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** The severity of a level; 0 is `debug`, the most verbose. `undefined` when it is not a level of the protocol. */
export function severityOf(level: string | undefined): number | undefined {
  const at = level === undefined ? -1 : levels.indexOf(level);
  return at < 0 ? undefined : at;
}

export const logMessage = 'notifications/message';

/** Whether a client with the log level `wanted` gets a notification. Without a level it gets all of them. */
export function passes(wanted: string | undefined, method: string, params: Buffer | undefined): boolean {
  if (method !== logMessage || wanted === undefined || !params) return true;
  const severity = severityOf(stringValue(params, memberNamed(membersOf(params, 0), 'level')));
  return severity === undefined || severity >= (severityOf(wanted) ?? 0);
}
