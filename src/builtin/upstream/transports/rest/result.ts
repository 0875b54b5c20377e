import { STATUS_CODES, type IncomingHttpHeaders } from 'node:http';
import { isObject, wholeValue } from '../../../../mcp-wire/json';
import { skipSpace } from '../../../../mcp-wire/json-scan';

export interface ApiResponse {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** The URL without parts that can be secret. */
  url: string;
}

/**
 * The result of a tool: the status, the body as text (or as image, audio or data), and, when the body is a JSON object,
 * the same bytes as `structuredContent`. A status of 400 or more is an error of the tool.
 */
export function resultOf(response: ApiResponse): Buffer {
  const { status, body } = response;
  const statusLine = `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  const content = [{ type: 'text', text: statusLine }, ...(body.length > 0 ? [blockOf(response)] : [])];
  const head = `{"content":${JSON.stringify(content)}`;
  const structured = jsonObjectIn(response);
  return Buffer.concat([
    Buffer.from(head),
    ...(structured ? [Buffer.from(',"structuredContent":'), structured] : []),
    Buffer.from(status >= 400 ? ',"isError":true}' : '}'),
  ]);
}

/** The result of a failed call. */
export function failure(message: string): Buffer {
  return Buffer.from(JSON.stringify({ content: [{ type: 'text', text: message }], isError: true }));
}

function blockOf({ headers, body, url }: ApiResponse): object {
  const [mimeType = '', ...parameters] = (headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim());
  const [kind] = mimeType.split('/');
  if (kind === 'image' || kind === 'audio') return { type: kind, data: body.toString('base64'), mimeType };
  const text = textOf(body, parameters);
  if (text !== undefined) return { type: 'text', text };
  const data = { uri: url, ...(mimeType !== '' && { mimeType }), blob: body.toString('base64') };
  return { type: 'resource', resource: data };
}

/** The body as text in its character set. `undefined` when it is not text. */
function textOf(body: Buffer, parameters: readonly string[]): string | undefined {
  const [, charset = 'utf-8'] =
    parameters.map((each) => /^charset="?([^"]+)"?$/i.exec(each)).find(Boolean) ?? [];
  try {
    const text = new TextDecoder(charset, { fatal: true }).decode(body);
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}

function jsonObjectIn({ headers, body }: ApiResponse): Buffer | undefined {
  if (headers['content-type']?.includes('json') !== true) return undefined;
  try {
    const whole = wholeValue(body, skipSpace(body, 0));
    return isObject(body, whole) ? body.subarray(whole.start, whole.end) : undefined;
  } catch {
    return undefined;
  }
}
