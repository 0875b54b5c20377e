import assert from 'node:assert/strict';
import type { CallRecord } from '../../../../src/builtin/calls/record';
import type { CallStart } from '../../../../src/builtin/calls/call-gate';
import { Closing } from '../../../../src/builtin/calls/closing';
import { Gate } from '../../../../src/builtin/calls/gate';
import { AllLimits } from '../../../../src/builtin/calls/limits/call-limits';
import { CallMetrics } from '../../../../src/builtin/metrics/call-metrics';
import { Registry } from '../../../../src/builtin/metrics/registry';
import { unrestricted } from '../../../../src/builtin/tokens/profile';
import { Redactor } from '../../../../src/platform/redact';
import { Tracer } from '../../../../src/builtin/tracing/tracer';
import { Params } from '../../../../src/mcp-wire/params';
import { Canceller } from '../../../../src/platform/cancel-signal';

const secret = 'S3cr3tValueOfAUser-0123456789abcdef';

describe('the record of a call', () => {
  const records: CallRecord[] = [];
  const registry = new Registry();
  const gate = new Gate({
    limits: new AllLimits(),
    tracer: new Tracer(undefined),
    resultBytes: () => 1e6,
    closing: new Closing(),
    observers: [{ finished: (record) => records.push(record) }, new CallMetrics(registry)],
    account: () => undefined,
    redact: new Redactor([secret]).redact,
  });
  const run = async (method: string, name: string, problem?: string): Promise<CallRecord> => {
    const start = {
      caller: { era: 'legacy', session: 's', client: undefined, traceparent: undefined },
      profile: unrestricted('default'),
      server: { name: 'srv', items: { tools: [] } },
      method,
      name,
      params: new Params(Buffer.from('{}'), undefined),
      signal: new Canceller(),
    } as unknown as CallStart;
    const work = async (): ReturnType<Parameters<Gate['run']>[1]> => {
      if (problem !== undefined) throw new Error(problem);
      return Promise.resolve({ kind: 'result', body: Buffer.from('{}') });
    };
    await gate.run(start, work).catch(() => undefined);
    const record = records.at(-1);
    assert.ok(record);
    return record;
  };

  it('has the beginning of a long name, and no half of a secret at its end', async () => {
    for (let before = 990; before <= 1024; before += 1) {
      const { name } = await run('resources/read', `file:///${'x'.repeat(before - 8)}${secret}`);
      assert.ok(name.length <= 1024);
      assert.ok(!name.includes('S3c'), name.slice(-40));
    }
  });

  it('has the beginning of a long problem, and no half of a secret at its end', async () => {
    const { outcome } = await run('tools/call', 'echo', `${'x'.repeat(1010)}${secret}`);
    assert.equal(outcome?.kind, 'error');
    assert.ok((outcome.problem?.length ?? 0) <= 1024);
    assert.doesNotMatch(outcome.problem ?? '', /S3c/);
  });

  it('is counted under one label for all methods that are not of the protocol', async () => {
    for (let i = 0; i < 50; i += 1) await run(`extension/${i}`, '');
    const text = registry.text();
    assert.match(text, /mcp_gateway_calls_total\{server="srv",method="other",name="",outcome="result"\} 50/);
    assert.doesNotMatch(text, /extension/);
  });
});
