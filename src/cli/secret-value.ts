import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createInterface } from 'node:readline/promises';
import { AppError } from '../platform/errors';
import type { CliIo } from './io';

/** The value of a secret: typed hidden at a terminal, else the line on standard input. Throws `cancelled`. */
export async function secretValue(io: CliIo, name: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).replace(/\r?\n$/, '');
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: unseen, terminal: true, historySize: 0 });
  const closed = new AbortController();
  terminal.once('SIGINT', () => terminal.close()).once('close', () => closed.abort());
  io.stderr(`Value of ${name} (hidden while you type): `);
  try {
    return await terminal.question('', { signal: AbortSignal.any([io.signal, closed.signal]) });
  } catch (error) {
    throw new AppError('cancelled', 'Nothing was changed.', { cause: error });
  } finally {
    terminal.close();
    io.stderr('\n');
  }
}
