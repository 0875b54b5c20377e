import assert from 'node:assert/strict';
import { EdgeServer, type EdgeParts } from '../../../../src/builtin/edge/server';

describe('the edge of the gateway', () => {
  it('answers 500 to a request that fails at once, reports it, and keeps working', async () => {
    const reported: string[] = [];
    const unused = {} as unknown as never;
    const parts: EdgeParts = {
      guard: {
        checkAddress: () => undefined,
        profileOf: () => {
          throw new Error('a fault of ours');
        },
      } as unknown as EdgeParts['guard'],
      registry: () =>
        ({ settled: true, all: { prefixed: true } }) as unknown as ReturnType<EdgeParts['registry']>,
      mcp: unused,
      httpSse: unused,
      api: unused,
      callControl: {
        edgeLimits: () => ({ connections: 10, headerSeconds: 5, bodySeconds: 5 }),
        observeConnections: () => undefined,
      } as unknown as EdgeParts['callControl'],
      report: (problem, error) => reported.push(`${problem}: ${String(error)}`),
    };
    const edge = new EdgeServer(parts);
    const base = `http://127.0.0.1:${await edge.listen('127.0.0.1', 0)}`;
    const response = await fetch(`${base}/mcp`, { method: 'POST', body: '{}' });
    assert.equal(response.status, 500);
    assert.match(await response.text(), /"code":"internal"/);
    assert.deepEqual(reported, ['The request POST /mcp failed: Error: a fault of ours']);
    assert.equal((await fetch(`${base}/ready`)).status, 200);
    await edge.close();
  });
});
