import type { Readable, Writable } from 'node:stream';
import { Conversation, type ConversationParts } from '../protocol/conversation';
import { asLine } from '../../mcp-wire/envelope';
import { LineSplitter } from '../../mcp-wire/lines';

/**
 * Serves one client on standard input and output. Resolves when the input has ended or was closed. A message of more than
 * `limit` bytes is reported and dropped. While the client does not read its output, no input is read from it.
 */
export async function serveLines(
  parts: Omit<ConversationParts, 'send'>,
  input: Readable,
  output: Writable,
  limit: number,
): Promise<void> {
  const conversation = new Conversation({ ...parts, send: sender(input, output) });
  const lines = new LineSplitter(
    (line) => void conversation.receive(line),
    limit,
    () =>
      parts.report(
        `A message of more than ${limit} bytes, which is the limit (gateway.limits.bodyBytes in servers.json), was dropped.`,
      ),
  );
  await new Promise<void>((resolve) => {
    input.on('data', (chunk: Buffer) => lines.push(chunk));
    input
      .on('end', resolve)
      .on('close', resolve)
      .on('error', () => resolve());
    // When the output is closed, the client has ended.
    output.on('error', () => resolve());
    if (input.destroyed) resolve();
  });
  conversation.close();
}

function sender(input: Readable, output: Writable): (message: Buffer) => void {
  let full = false;
  return (message) => {
    if (output.write(asLine(message)) || full) return;
    full = true;
    input.pause();
    output.once('drain', () => {
      full = false;
      input.resume();
    });
  };
}
