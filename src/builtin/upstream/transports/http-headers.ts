import type { OutgoingHttpHeaders } from 'node:http';
import { modernVersion } from '../../../mcp-wire/modern-era';
import type { SendContext } from './transport';

/** Whether a revision, which is a date, belongs to the modern era. */
export function isModern(protocolVersion: string | undefined): boolean {
  return (
    protocolVersion !== undefined &&
    /^\d{4}-\d\d-\d\d$/.test(protocolVersion) &&
    protocolVersion >= modernVersion
  );
}

export interface MessageHeaders {
  /** Headers of the definition, credentials above all. */
  own: Readonly<Record<string, string>>;
  protocolVersion: string | undefined;
  sessionId?: string | undefined;
  lastEventId?: string | undefined;
  body?: Buffer | undefined;
  context?: SendContext | undefined;
  /** Headers that repeat arguments, in the modern era. */
  params?: Readonly<Record<string, string>> | undefined;
}

/** The headers of one HTTP request of the Streamable HTTP transport, in the form of the negotiated era. */
export function headersOf(message: MessageHeaders): OutgoingHttpHeaders {
  const { own, body, protocolVersion } = message;
  return {
    ...own,
    accept: body ? 'application/json, text/event-stream' : 'text/event-stream',
    ...(body && { 'content-type': 'application/json', 'content-length': body.length }),
    ...(protocolVersion !== undefined && { 'mcp-protocol-version': protocolVersion }),
    ...(isModern(protocolVersion) ? routing(message) : session(message)),
  };
}

function session({ sessionId, lastEventId }: MessageHeaders): OutgoingHttpHeaders {
  return {
    ...(sessionId !== undefined && { 'mcp-session-id': sessionId }),
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  };
}

function routing({ context, params }: MessageHeaders): OutgoingHttpHeaders {
  return {
    ...params,
    ...(context && { 'mcp-method': context.method }),
    ...(context?.name !== undefined && { 'mcp-name': headerValue(context.name) }),
  };
}

const sentinel = /^=\?base64\?.*\?=$/i;

/**
 * A text as a header value (SEP-2243): as it is when it is visible ASCII, also within; otherwise, and when it looks like
 * the encoded form itself, as `=?base64?…?=` of its UTF-8.
 */
export function headerValue(text: string): string {
  if (/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !sentinel.test(text)) return text;
  return `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}
