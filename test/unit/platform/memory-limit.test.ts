import assert from 'node:assert/strict';
import { memoryLimit } from '../../../src/platform/memory-limit';

describe('the memory limit', () => {
  it('is that of the container, and without one that of the machine', () => {
    assert.equal(memoryLimit(512, 4096), 512);
    assert.equal(memoryLimit(0, 4096), 4096);
    assert.equal(memoryLimit(2 ** 60, 4096), 4096);
    assert.ok(memoryLimit() > 0);
  });
});
