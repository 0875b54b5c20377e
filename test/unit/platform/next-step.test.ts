import assert from 'node:assert/strict';
import { step, stepText } from '../../../src/platform/next-step';

describe('a next step on the command line', () => {
  it('ends with its command in place of the full stop', () => {
    assert.equal(
      stepText(step('Correct the file. Start the gateway.', 'up', '--local')),
      'Correct the file. Start the gateway: devcontainer-gateway up --local',
    );
  });

  it('is its text alone where no command does it', () => {
    assert.equal(stepText(step('Correct the file.')), 'Correct the file.');
  });
});
