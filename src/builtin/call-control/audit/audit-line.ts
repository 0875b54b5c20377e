import type { CallRecord } from '../../calls/record';
import type { Redaction } from '../../../platform/redact';
import type { Params } from '../../../mcp-wire/params';
import type { Span } from '../../../mcp-wire/json';
import { shapeOf } from './shape';

/** The maximum length of the arguments in a line. */
const maximumArguments = 64 * 1024;

/**
 * One call as a line of JSON, without secrets. `withArguments` says whether it contains the arguments.
 */
export function auditLine(
  record: CallRecord,
  params: Params,
  redaction: Redaction,
  withArguments: boolean,
): string {
  const { caller, outcome, span } = record;
  const { session, client } = caller;
  const { quote } = redaction;
  const given = params.member('arguments');
  let line = `{"time":"${isoTime(record.startedAt)}","id":${record.id},"token":${quote(record.token)}`;
  if (session !== undefined) line += `,"session":"${session}"`;
  if (client !== undefined) line += `,"client":${quote(client)}`;
  line += `,"server":${quote(record.server)},"method":${quote(record.method)},"name":${quote(record.name)}`;
  line += `,"requestBytes":${record.requestBytes},"resultBytes":${outcome?.bytes ?? 0}`;
  line += `,"ms":${milliseconds(record.totalMs)},"queuedMs":${milliseconds(record.queuedMs)}`;
  line += `,"outcome":"${outcome?.kind ?? 'cancelled'}"`;
  if (outcome?.isError === true) line += ',"isError":true';
  if (outcome?.problem !== undefined) line += `,"problem":${quote(outcome.problem)}`;
  if (span) line += `,"trace":"${span.traceId}"`;
  line += `,"shape":${shapeOf(params.bytes, given, redaction)}`;
  if (!withArguments || !given) return `${line}}\n`;
  return `${line},"arguments":${argumentsText(params.bytes, given, redaction)}}\n`;
}

/** The arguments as JSON, or as a string when they were cut or a secret was replaced, because they may not be JSON then. */
function argumentsText(bytes: Buffer, { start, end }: Span, redaction: Redaction): string {
  // Large arguments are not decoded to their end. A character has at most four bytes.
  const raw = bytes.toString('utf8', start, Math.min(end, start + 4 * maximumArguments));
  const clean = redaction.redact(raw, maximumArguments);
  if (raw.length > maximumArguments || clean.length > maximumArguments)
    return JSON.stringify(`${clean.slice(0, maximumArguments)}…`);
  return clean === raw ? clean.replaceAll(/[\r\n]/g, ' ') : JSON.stringify(clean);
}

function milliseconds(value: number | undefined): number {
  return value === undefined ? 0 : Math.round(value * 1000) / 1000;
}

let lastTime = 0;
let lastText = new Date(0).toISOString();

/** The last text is cached, because many calls start in the same millisecond. */
function isoTime(time: number): string {
  if (time !== lastTime) {
    lastTime = time;
    lastText = new Date(time).toISOString();
  }
  return lastText;
}
