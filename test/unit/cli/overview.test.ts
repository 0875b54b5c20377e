import assert from 'node:assert/strict';
import { CommanderError } from 'commander';
import type { CliIo } from '../../../src/cli/io';
import { readable } from '../../../src/cli/logs';
import { document, failureOf, overviewText } from '../../../src/cli/overview';
import { usageStatus } from '../../../src/cli/program';
import { statusOf } from '../../../src/cli/run';
import { programArguments } from '../../../src/cli/serve';
import { age, table } from '../../../src/cli/table';
import type { GatewayOverview } from '../../../src/gateway/manager';
import { AppError } from '../../../src/platform/errors';
import { about, server } from '../gateway/watch/samples';
import { step } from '../../../src/platform/next-step';

const placement = {
  kind: 'container' as const,
  workspace: '/w',
  project: 'p',
  container: 'p-mcp-gateway-1',
  image: 'p-mcp-gateway',
};
const since = '2026-01-01T00:00:00.000Z';
const degraded: GatewayOverview = {
  placement,
  notes: ['a note'],
  state: {
    status: 'degraded',
    since,
    url: 'http://127.0.0.1:1/mcp',
    gateway: about(),
    servers: [server('files', 'ready'), server('b', 'failed')],
    reason: 'b broke',
    next: step('mend b'),
  },
};

function recorder(signal = new AbortController().signal): CliIo & { out: string; err: string } {
  return {
    out: '',
    err: '',
    stdout(text) {
      this.out += String(text);
    },
    stderr(text) {
      this.err += text;
    },
    interactive: false,
    env: {},
    cwd: '/',
    signal,
  };
}

describe('the overview of a gateway', () => {
  it('shows state, address, place, servers, what is wrong and the next step', () => {
    const text = overviewText(degraded, Date.parse(since) + 120_000);
    assert.equal(
      text,
      [
        'gateway  degraded, up for 2 min',
        'url      http://127.0.0.1:1/mcp',
        'runs     in container p-mcp-gateway-1',
        'file     /w/servers.json',
        '',
        'SERVER  STATE   TOOLS  PROMPTS  RESOURCES  CALLS',
        'files   ready       2        1          0      7',
        'b       failed      2        1          0      7  b broke',
        '',
        'B broke.',
        '',
        'Note: a note',
        '',
        'Next: mend b',
        '',
      ].join('\n'),
    );
  });

  it('is one flat document in JSON', () => {
    const { status, reason, next } = JSON.parse(JSON.stringify(document(degraded))) as Record<string, string>;
    assert.deepEqual([status, reason, next], ['degraded', 'b broke', 'mend b']);
  });

  it('is a failure for a verb that wants it up, unless it answers', () => {
    assert.equal(failureOf(degraded.state), undefined);
    const failed = {
      status: 'failed',
      since,
      exitCode: 3,
      log: [],
      reason: 'it ended',
      next: step('mend it'),
    } as const;
    assert.deepEqual(failureOf(failed)?.next, step('mend it'));
    assert.equal(
      failureOf({ status: 'starting', since, url: null, servers: [], startedAt: since })?.code,
      'timeout',
    );
    const waiting = {
      status: 'starting',
      since,
      url: null,
      servers: [server('a', 'starting')],
      startedAt: since,
    } as const;
    assert.equal(failureOf(waiting), undefined);
  });
});

describe('a table', () => {
  it('aligns its columns and leaves no trailing blanks', () => {
    assert.equal(
      table(
        [
          ['a', '1', 'x'],
          ['bcd', '20', ''],
        ],
        [1],
      ),
      'a     1  x\nbcd  20\n',
    );
  });

  it('tells ages in the unit that fits', () => {
    const now = Date.parse(since);
    const ago = (seconds: number): string => age(new Date(now - seconds * 1000).toISOString(), now);
    assert.deepEqual([5, 600, 7200, 864_000].map(ago), ['5 s', '10 min', '2 h', '10 d']);
  });
});

describe('a log line', () => {
  it('is told in words when it is JSON, and as it is otherwise', () => {
    assert.equal(
      readable('{"time":"T","level":"info","message":"m","server":"s"}'),
      'T info  m {"server":"s"}',
    );
    assert.equal(readable('{"event":"x"}'), '{"event":"x"}');
    assert.equal(readable('plain {'), 'plain {');
  });
});

describe('the end of a verb', () => {
  it('is 0 when it worked, and its own status when it has one', async () => {
    assert.equal(await statusOf(recorder(), false, async () => undefined), 0);
    assert.equal(await statusOf(recorder(), false, async () => 1), 1);
  });

  it('is 1 after a failure, told with its next step, and 2 after wrong usage', async () => {
    const io = recorder();
    const fail = async (): Promise<void> => {
      throw new AppError('engine', 'it broke', { next: 'mend it' });
    };
    assert.equal(await statusOf(io, false, fail), 1);
    assert.equal(io.err, 'error: it broke\nNext: mend it\n');
    const misuse = async (): Promise<void> => {
      throw new AppError('usage', 'no');
    };
    assert.equal(await statusOf(recorder(), false, misuse), 2);
  });

  it('is one JSON document with --json', async () => {
    const io = recorder();
    await statusOf(io, true, async () => {
      throw new AppError('engine', 'it broke', { next: 'mend it' });
    });
    assert.deepEqual(JSON.parse(io.out), { error: { code: 'engine', message: 'it broke', next: 'mend it' } });
    assert.equal(io.err, '');
  });

  it('says "cancelled" after Ctrl-C, whatever the work died of', async () => {
    const controller = new AbortController();
    const io = recorder(controller.signal);
    const status = await statusOf(io, false, async () => {
      controller.abort(new AppError('cancelled', 'Cancelled.'));
      throw new Error('socket hang up');
    });
    assert.equal(status, 1);
    assert.equal(io.err, 'error: Cancelled.\n');
  });

  it('is 2 for what the parser refuses, with the help to ask for, and 0 for help itself', () => {
    const io = recorder();
    const unknown = new CommanderError(1, 'commander.unknownOption', "error: unknown option '--x'");
    assert.equal(usageStatus(io, unknown, ['node', 'cli', 'up', '--x']), 2);
    assert.equal(io.err, 'error: Unknown option \'--x\'.\nNext: Run "devcontainer-gateway up --help".\n');
    assert.equal(usageStatus(io, new CommanderError(0, 'commander.helpDisplayed', ''), []), 0);
  });
});

describe('serve', () => {
  it('hands its options to the gateway program', async () => {
    const options = { servers: 's.json', port: '0', host: '127.0.0.1', env: ['A', 'B'], allowedHost: ['h'] };
    assert.deepEqual(await programArguments({ cwd: '/', env: {} }, options), [
      ...['--servers', 's.json', '--host', '127.0.0.1', '--port', '0'],
      ...['--env', 'A', '--env', 'B', '--allowed-host', 'h'],
    ]);
  });
});
