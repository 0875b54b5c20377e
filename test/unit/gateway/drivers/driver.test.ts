import assert from 'node:assert/strict';
import { entryNamed } from '../../../../src/gateway/drivers/names';
import { AsyncQueue } from '../../../../src/gateway/drivers/queue';
import { parseResource, parseToolResult } from '../../../../src/gateway/drivers/results';
import { withArguments } from '../../../../src/gateway/drivers/tap';
import type { AppError } from '../../../../src/platform/errors';
import { step } from '../../../../src/platform/next-step';

const tools = ['a__echo', 'a__list', 'b__list', 'b__read_file'].map((name) => ({
  name,
  tool: name.slice(3),
}));
const listing = step('List the tools.', 'tools');
const find = (name: string): string => entryNamed(tools, name, (tool) => tool.tool, 'tool', listing).name;

describe('the name of a tool', () => {
  it('may be full, or the tool alone where one server has it', () => {
    assert.equal(find('b__list'), 'b__list');
    assert.equal(find('echo'), 'a__echo');
  });

  it('is asked for when several servers have it', () => {
    assert.throws(() => find('list'), {
      code: 'usage',
      next: step('Use one of these names: a__list, b__list.'),
    });
  });

  it('is suggested when it is nearly right', () => {
    assert.throws(() => find('b__raed_file'), {
      code: 'not-found',
      next: step('Did you mean b__read_file?'),
    });
    assert.throws(() => find('zzzzzzzz'), { next: listing });
  });
});

describe('the name of a prompt', () => {
  it('is told with those that there are, where no verb lists them', () => {
    const prompts = Array.from({ length: 12 }, (_unused, i) => ({ name: `s__p${i}` }));
    const named = (from: typeof prompts) => () => entryNamed(from, 'zzzzzzzz', ({ name }) => name, 'prompt');
    assert.throws(named(prompts.slice(0, 2)), { next: step('Its prompts: s__p0, s__p1.') });
    assert.throws(named(prompts), (error: AppError) => /s__p9, and 2 more\.$/.test(error.next?.text ?? ''));
    assert.throws(named([]), { next: step('The gateway has no prompts. Look at its servers.', 'servers') });
  });
});

describe('arguments', () => {
  it('are put into a request as they were typed', () => {
    const request =
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"n":1},"_meta":{}}}';
    const args = '{"n": 123456789012345678901, "n":-0}';
    assert.equal(
      Buffer.from(withArguments(request, args)).toString(),
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":${args},"_meta":{}}}`,
    );
  });
});

describe('results', () => {
  it('keep content of a kind that we do not know', () => {
    const result = parseToolResult('{"content":[{"type":"from-the-future","x":1}],"isError":true}');
    assert.deepEqual(result.content, [{ type: 'from-the-future', x: 1 }]);
    assert.equal(result.isError, true);
  });

  it('give the bytes of every content of a resource', () => {
    const bytes = parseResource('{"contents":[{"uri":"a","text":"é"},{"uri":"b","blob":"AAE="}]}');
    assert.deepEqual([...bytes], [0xc3, 0xa9, 0, 1]);
  });
});

describe('a queue', () => {
  it('gives what came before a failure, and then the failure', async () => {
    const queue = new AsyncQueue<number>();
    queue.push(1);
    queue.push(2);
    queue.fail(new Error('broken'));
    const seen: number[] = [];
    await assert.rejects(async () => {
      for await (const value of queue) seen.push(value);
    }, /broken/);
    assert.deepEqual(seen, [1, 2]);
  });
});
