import { memberNamed, membersOf, isObject } from '../../mcp-wire/json';
import { scanMessage, splice, type Message } from '../../mcp-wire/envelope';
import { SseParser } from '../../mcp-wire/sse';

/** What was really said in one exchange, beside what the MCP library makes of it. */
export interface Tap {
  /** Replaces the value of `params.arguments` in the request, as text. */
  args?: string;
  /** The result as the gateway sent it. */
  result?: string;
}

type Fetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/** Marks a request for {@link Taps.fetch}; it never leaves the process. */
const tapHeader = 'x-devcontainer-gateway-tap';

/**
 * A `fetch` that puts the caller's own bytes in the place of re-serialised arguments, and keeps the bytes of results, so
 * that nothing is lost in a library that parses and prints.
 */
export class Taps {
  readonly #taps = new Map<string, Tap>();
  #last = 0;

  /** Opens a tap; its headers mark the request that it listens to. */
  open(tap: Tap): { headers: Record<string, string>; close: () => void } {
    this.#last += 1;
    const key = String(this.#last);
    this.#taps.set(key, tap);
    return { headers: { [tapHeader]: key }, close: () => this.#taps.delete(key) };
  }

  readonly fetch: Fetch = async (url, init) => {
    const headers = new Headers(init?.headers);
    const tap = this.#taps.get(headers.get(tapHeader) ?? '');
    headers.delete(tapHeader);
    if (!tap) return await fetch(url, { ...init, headers });
    const body = typeof init?.body === 'string' ? withArguments(init.body, tap.args) : (init?.body ?? null);
    const response = await fetch(url, { ...init, headers, body });
    return listened(response, tap);
  };
}

/** The text of a request with other arguments. */
export function withArguments(request: string, args: string | undefined): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(request);
  const message = scanMessage(bytes);
  const params = 'params' in message ? message.params : undefined;
  const old = params && memberNamed(membersOf(bytes, params.start), 'arguments');
  if (args === undefined || !isObject(bytes, old)) return Uint8Array.from(bytes);
  const edit = { start: old.start, end: old.end, replacement: args };
  return Uint8Array.from(splice(bytes, { start: 0, end: bytes.length }, [edit]));
}

function listened(response: Response, tap: Tap): Response {
  if (!response.body) return response;
  const keep = (bytes: Buffer): void => {
    const message = tryScan(bytes);
    if (message?.kind === 'result')
      tap.result = bytes.toString('utf8', message.result.start, message.result.end);
  };
  const stream = /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
  const parser = new SseParser(keep);
  const chunks: Buffer[] = [];
  const body = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (stream) parser.push(Buffer.from(chunk));
        else chunks.push(Buffer.from(chunk));
        controller.enqueue(chunk);
      },
      flush() {
        if (!stream) keep(Buffer.concat(chunks));
      },
    }),
  );
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function tryScan(bytes: Buffer): Message | undefined {
  try {
    return scanMessage(bytes);
  } catch {
    return undefined;
  }
}
