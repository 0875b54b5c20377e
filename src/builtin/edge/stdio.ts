import type { Readable, Writable } from 'node:stream';
import { Conversation, type ConversationParts } from '../protocol/conversation';
import { asLine } from '../wire/envelope';
import { LineSplitter } from '../wire/lines';

/** Serves the one client on standard input and output; resolves when its input has ended. */
export async function serveLines(
  parts: Omit<ConversationParts, 'send'>,
  input: Readable,
  output: Writable,
): Promise<void> {
  const conversation = new Conversation({
    ...parts,
    send: (message) => void output.write(Buffer.concat([asLine(message), lineFeed])),
  });
  const lines = new LineSplitter((line) => {
    if (line.length > 0) conversation.receive(line);
  });
  await new Promise<void>((resolve) => {
    input.on('data', (chunk: Buffer) => lines.push(chunk));
    input.on('end', resolve).on('error', () => resolve());
    // A client that does not read any more has gone.
    output.on('error', () => resolve());
  });
  conversation.close();
}

const lineFeed = Buffer.from('\n');
