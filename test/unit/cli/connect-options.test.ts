import assert from 'node:assert/strict';
import { connectOptions } from '../../../src/cli/connect-options';
import { createProgram } from '../../../src/cli/program';

const options = createProgram('connect').commands.flatMap((verb) => verb.options);

describe('the options of connect', () => {
  it('are understood without the parser of the whole command line, each of them', () => {
    for (const option of options) {
      const name = option.long ?? '';
      const args = option.required ? [name, 'x'] : [name];
      assert.deepEqual(connectOptions(args), { [option.attributeName()]: option.required ? 'x' : true });
    }
    assert.ok(options.length > 5);
  });

  it('are left to that parser where they are out of the ordinary', () => {
    for (const args of [['--help'], ['--url'], ['--urls', 'x'], ['extra'], ['--json=no'], ['-x']])
      assert.equal(connectOptions(args), undefined);
  });
});
