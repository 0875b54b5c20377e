import assert from 'node:assert/strict';
import { run } from '../../src/platform/run';

const command = process.env['MCP_TEST_ENGINE_RESTART'] ?? '';

/**
 * Stops the engine and starts it again; `undefined` where the engine is not this run's own. The command comes from
 * whoever started the engine, in `MCP_TEST_ENGINE_RESTART`.
 */
export const restartEngine =
  command === ''
    ? undefined
    : async (): Promise<void> => {
        const { code, stderr } = await run('sh', ['-c', command]);
        assert.equal(code, 0, stderr);
      };
