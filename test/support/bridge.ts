import { PassThrough } from 'node:stream';
import { runBridge } from '../../src/gateway/bridge/bridge';
import type { GatewayTarget } from '../../src/gateway/resolve/target';
import { eventually, patienceMs } from './eventually';

/** A bridge in this process, with its client's end in the test's hands. */
export interface TestBridge {
  /** The lines that the bridge has put out. */
  lines: Buffer[];
  log: string[];
  done: Promise<void>;
  send(line: string | Buffer): void;
  /** The first line from `from` on that holds all the texts. */
  line(...texts: string[]): Promise<string>;
  end(): Promise<void>;
}

export function startBridge(
  locate: () => Promise<GatewayTarget>,
  options: { waitMs?: number; signal?: AbortSignal } = {},
): TestBridge {
  const input = new PassThrough();
  const output = new PassThrough({ highWaterMark: 64 * 1024 * 1024 });
  const lines: Buffer[] = [];
  const log: string[] = [];
  let partial: Buffer[] = [];
  output.on('data', (chunk: Buffer) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      lines.push(Buffer.concat([...partial, chunk.subarray(start, end)]));
      partial = [];
      start = end + 1;
    }
    partial.push(chunk.subarray(start));
  });
  const done = runBridge({
    input,
    output,
    locate,
    waitMs: options.waitMs ?? patienceMs,
    log: (line) => void log.push(line),
    signal: options.signal ?? new AbortController().signal,
  });
  done.catch(() => undefined);
  return {
    lines,
    log,
    done,
    send: (line) => {
      input.write(line);
      input.write('\n');
    },
    line: async (...texts) =>
      (
        await eventually(
          () => lines.find((line) => texts.every((text) => line.includes(text))),
          `a line with ${texts.join(' and ')}`,
        )
      ).toString('utf8'),
    end: async () => {
      input.end();
      await done;
    },
  };
}

export function targetAt(url: string, token = 'test-token'): GatewayTarget {
  return { kind: undefined, url: new URL(url), tokens: [token], source: 'the test' };
}

export const initialize =
  '{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}';
export const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
