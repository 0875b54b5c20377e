import assert from 'node:assert/strict';
import path from 'node:path';
import { eventually } from '../support/eventually';
import { ownServer, root, startTestGateway } from '../support/gateway';
import { RawClient } from '../support/raw-client';

interface Report {
  state: string;
  restarts: number;
  pid: number | null;
  protocolVersion: string | null;
}

/** What Node loads first: three seconds in which the server reads nothing. */
const slowly = 'data:text/javascript,await new Promise((resolve) => setTimeout(resolve, 3000))';

describe('a process that is slower to start than it is waited for', () => {
  const started = async (server: object): Promise<{ report: Report; tools: string }> => {
    const gateway = await startTestGateway({ servers: { one: server } });
    try {
      const client = await RawClient.open(gateway);
      const { servers } = (await (await gateway.fetch('/api/servers')).json()) as { servers: [Report] };
      const tools = (await client.request('tools/list', '{}')).toString();
      return { report: servers[0], tools };
    } finally {
      await gateway.stop();
    }
  };

  it('comes up at once where it speaks 2026-07-28 and refuses everything else', async () => {
    const modern = path.join(root, 'test/support/servers/matrix/modern.mjs');
    const { report, tools } = await started({
      command: process.execPath,
      args: ['--import', slowly, modern, 'stdio'],
    });
    assert.deepEqual([report.state, report.restarts, report.protocolVersion], ['ready', 0, '2026-07-28']);
    assert.match(tools, /"one__echo"/);
  });

  it('comes up at once when the probe of its era makes it exit', async () => {
    const { command, args } = ownServer('eras', 'dies');
    const { report } = await started({ command, args: ['--import', slowly, ...args] });
    assert.deepEqual([report.state, report.restarts, report.protocolVersion], ['ready', 0, '2025-11-25']);
  });

  it('is known for what it is from then on', async () => {
    const modern = path.join(root, 'test/support/servers/matrix/modern.mjs');
    const gateway = await startTestGateway({
      servers: { one: { command: process.execPath, args: ['--import', slowly, modern, 'stdio'] } },
    });
    try {
      const report = async (): Promise<Report> =>
        ((await (await gateway.fetch('/api/servers')).json()) as { servers: [Report] }).servers[0];
      const { pid } = await report();
      await gateway.fetch('/api/servers/one/restart', { method: 'POST' });
      const after = await eventually(async () => {
        const now = await report();
        return now.state === 'ready' && now.pid !== pid && now;
      });
      assert.equal(after.protocolVersion, '2026-07-28');
      assert.doesNotMatch(await (await gateway.fetch('/api/logs/one')).text(), /initialize/);
    } finally {
      await gateway.stop();
    }
  });
});
