import assert from 'node:assert/strict';
import { logLine } from '../../../src/editor/log-line';

describe('a line of a log for reading', () => {
  const table: [line: string, shown: string][] = [
    ['{"time":"T","level":"info","message":"it runs"}', 'T [info] it runs'],
    ['{"time":"T","level":"warn","message":"slow","ms":12,"server":"a"}', 'T [warn] slow ms=12 server="a"'],
    [
      '{"event":"listening","url":"http://127.0.0.1:1/mcp"}',
      '{"event":"listening","url":"http://127.0.0.1:1/mcp"}',
    ],
    ['{ broken', '{ broken'],
    ['plain text', 'plain text'],
  ];
  for (const [line, shown] of table) it(`is "${shown}"`, () => assert.equal(logLine(line), shown));
});
