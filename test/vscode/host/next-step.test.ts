import assert from 'node:assert/strict';
import { step, stepElsewhere, type NextStep } from '../../../src/platform/next-step';
import { stepInEditor } from '../../../src/views/next-step';

describe('a next step in the words of the editor', () => {
  const table: [next: NextStep, shown: string][] = [
    [step('Create and start the gateway.', 'up'), 'Create and start the gateway: "MCP Gateway: Start"'],
    [
      step("Look at the server's log.", 'logs', 'broken'),
      'Look at the server\'s log: "MCP Gateway: Show Logs"',
    ],
    [step('Let the doctor look again.', 'doctor'), 'Let the doctor look again: "MCP Gateway: Doctor"'],
    [step('List the tools.', 'tools'), 'List the tools: devcontainer-gateway tools'],
    [step('Correct the file.'), 'Correct the file.'],
  ];
  for (const [next, shown] of table) it(`is "${shown}"`, () => assert.equal(stepInEditor(next), shown));

  it('stays a command line where it has to be run on another machine', () => {
    const next = stepElsewhere('Run this where the engine is.', 'up');
    assert.equal(stepInEditor(next), 'Run this where the engine is: devcontainer-gateway up');
  });
});
