import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import type { TestGateway } from './gateway';

/** An open event stream and what came over it so far. */
export interface TestStream {
  text(): string;
  close(): void;
}

/** Opens an event stream; resolves when the gateway has answered. */
export async function openStream(
  gateway: TestGateway,
  path: string,
  headers: Record<string, string> = {},
): Promise<TestStream> {
  const request = http.get(gateway.base + path, {
    headers: { authorization: `Bearer ${gateway.token}`, accept: 'text/event-stream', ...headers },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { text: () => text, close: () => response.destroy() };
}
