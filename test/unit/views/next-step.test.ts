import assert from 'node:assert/strict';
import { nextStep } from '../../../src/views/next-step';

describe('a next step in the words of the editor', () => {
  const table: [hint: string, shown: string][] = [
    ['Create and start it: devcontainer-gateway up', 'Create and start it: "MCP Gateway: Start"'],
    [
      'See "devcontainer-gateway logs"; after mending it run: devcontainer-gateway up',
      'See "MCP Gateway: Show Logs"; after mending it run: "MCP Gateway: Start"',
    ],
    ['See: devcontainer-gateway logs broken', 'See: "MCP Gateway: Show Logs"'],
    [
      'Start it with "devcontainer-gateway up", see "devcontainer-gateway status", or name another with --url.',
      'Start it with "MCP Gateway: Start", see "MCP Gateway: Refresh", or name another with --url.',
    ],
    ['Run: devcontainer-gateway doctor', 'Run: "MCP Gateway: Doctor"'],
    ['List them: devcontainer-gateway tools', 'List them: devcontainer-gateway tools'],
    ['Correct the file.', 'Correct the file.'],
  ];
  for (const [hint, shown] of table) it(`is "${shown}"`, () => assert.equal(nextStep(hint), shown));

  it('stays a command line where it is meant for another machine', () => {
    const hint =
      'Run "devcontainer-gateway up" on the machine that runs the container engine, in the folder.';
    assert.equal(nextStep(hint), hint);
  });
});
