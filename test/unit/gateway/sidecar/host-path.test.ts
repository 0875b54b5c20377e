import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { hostPath, withHostPaths } from '../../../../src/gateway/sidecar/host-path';
import type { GatewayState } from '../../../../src/gateway/watch/state';
import { about } from '../watch/samples';
import { step } from '../../../../src/platform/next-step';
import { nextFields } from '../../../../src/servers/api-types';

describe('a path inside a container', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'paths-'));
    await mkdir(path.join(folder, 'ours'));
    await writeFile(path.join(folder, 'ours', 'servers.json'), '');
  });
  afterEach(async () => rm(folder, { recursive: true }));
  const mounts = () => [
    { type: 'bind', source: folder, target: '/w' },
    { type: 'bind', source: path.join(folder, 'ours'), target: '/w/deep' },
    { type: 'volume', source: 'v', target: '/v' },
  ];

  it('is named as the machine names it, by the innermost mount', async () => {
    assert.equal(await hostPath('/w/deep/servers.json', mounts()), path.join(folder, 'ours', 'servers.json'));
  });

  it('has no name on the machine when it is in no bind mount, or not there', async () => {
    assert.equal(await hostPath('/v/x', mounts()), undefined);
    assert.equal(await hostPath('/wide/x', mounts()), undefined);
    assert.equal(await hostPath('/w/gone', mounts()), undefined);
  });

  it('is replaced wherever the state names the servers file', async () => {
    const file = '/w/deep/servers.json';
    const reason = `${file}:2:1: not valid JSON`;
    const problem = { message: reason, file, line: 2, column: 1, ...nextFields('n') };
    const state: GatewayState = {
      status: 'degraded',
      since: '',
      url: 'u',
      gateway: about({ servers: file, problem }),
      servers: [],
      reason,
      next: step('n'),
    };
    const shown = JSON.stringify(await withHostPaths(state, mounts()));
    assert.ok(!shown.includes(file));
    assert.ok(shown.includes(`${path.join(folder, 'ours', 'servers.json')}:2:1`));
  });
});
