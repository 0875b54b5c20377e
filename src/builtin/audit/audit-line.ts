import type { CallRecord } from '../call-record';
import type { Params } from '../wire/params';
import { shapeOf } from './shape';

/** The longest argument text that is written. */
const maximumArguments = 64 * 1024;

const maximumText = 1024;

export interface AuditLineOptions {
  arguments: boolean;
  redact: (text: string) => string;
}

/** One call as a line of JSON, secrets replaced. */
export function auditLine(record: CallRecord, params: Params, options: AuditLineOptions): string {
  const { caller, outcome, span } = record;
  const { session, client } = caller;
  const given = params.member('arguments');
  let line = `{"time":"${isoTime(record.startedAt)}","id":${record.id},"token":${text(record.token)}`;
  if (session !== undefined) line += `,"session":"${session}"`;
  if (client !== undefined) line += `,"client":${text(client)}`;
  line += `,"server":${text(record.server)},"method":${text(record.method)},"name":${text(record.name)}`;
  line += `,"requestBytes":${record.requestBytes},"resultBytes":${outcome?.bytes ?? 0}`;
  line += `,"ms":${milliseconds(record.totalMs)},"queuedMs":${milliseconds(record.queuedMs)}`;
  line += `,"outcome":"${outcome?.kind ?? 'cancelled'}"`;
  if (outcome?.isError === true) line += ',"isError":true';
  if (outcome?.problem !== undefined) line += `,"problem":${text(outcome.problem)}`;
  if (span) line += `,"trace":"${span.traceId}"`;
  line += `,"shape":${shapeOf(params.bytes, given)}`;
  const clean = options.redact(line);
  if (!options.arguments || !given) return `${clean}}\n`;
  return `${clean},"arguments":${argumentsText(params.bytes.toString('utf8', given.start, given.end), options)}}\n`;
}

/** As JSON where it still is; a text that was cut or in which a secret took JSON along is a string. */
function argumentsText(raw: string, { redact }: AuditLineOptions): string {
  const clean = redact(raw);
  if (clean.length > maximumArguments) return JSON.stringify(`${clean.slice(0, maximumArguments)}…`);
  return clean === raw ? clean.replaceAll(/[\r\n]/g, ' ') : JSON.stringify(clean);
}

function text(value: string): string {
  return JSON.stringify(value.length > maximumText ? `${value.slice(0, maximumText)}…` : value);
}

function milliseconds(value: number | undefined): number {
  return value === undefined ? 0 : Math.round(value * 1000) / 1000;
}

let lastTime = 0;
let lastText = new Date(0).toISOString();

/** Most calls share their millisecond with another one. */
function isoTime(time: number): string {
  if (time !== lastTime) {
    lastTime = time;
    lastText = new Date(time).toISOString();
  }
  return lastText;
}
