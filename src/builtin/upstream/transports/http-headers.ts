import type { OutgoingHttpHeaders } from 'node:http';
import { headerValue } from '../../../mcp-wire/header-value';
import { modernVersion } from '../../../mcp-wire/modern-era';
import type { SendContext } from './transport';

/** Whether a protocol version, which is a date, belongs to the modern era. */
export function isModern(protocolVersion: string | undefined): boolean {
  return (
    protocolVersion !== undefined &&
    /^\d{4}-\d\d-\d\d$/.test(protocolVersion) &&
    protocolVersion >= modernVersion
  );
}

export interface MessageHeaders {
  /** The headers of the definition, such as credentials. */
  own: Readonly<Record<string, string>>;
  protocolVersion: string | undefined;
  sessionId?: string | undefined;
  lastEventId?: string | undefined;
  body?: Buffer | undefined;
  context?: SendContext | undefined;
  /** The headers that repeat arguments, in the modern era. */
  params?: Readonly<Record<string, string>> | undefined;
}

/** The headers of one request of the Streamable HTTP transport, for the negotiated era. */
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
