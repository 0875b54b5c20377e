import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { run } from '../../src/platform/run';
import { add, type Workbench, workbench } from '../support/wiring';

const layouts: { fixture: string; config?: string }[] = [
  { fixture: 'node-postgres' },
  { fixture: 'postgres-service-db' },
  { fixture: 'existing-compose' },
  { fixture: 'subfolders', config: '.devcontainer/python/devcontainer.json' },
];

describe('the Compose file of the sidecar', () => {
  let bench: Workbench;
  afterEach(async () => await bench.dispose());

  for (const { fixture, config } of layouts) {
    it(`is accepted by Compose beside ${fixture}, with and without the ignored files`, async () => {
      bench = await workbench(fixture, config);
      await add(bench.target);
      const file = path.join(bench.workspace, config ?? '.devcontainer/devcontainer.json');
      const { dockerComposeFile } = parse(await readFile(file, 'utf8')) as { dockerComposeFile: string[] };
      const folder = path.dirname(file);
      const files = dockerComposeFile.flatMap((name) => ['-f', path.join(folder, name)]);
      for (const withToken of [true, false]) {
        if (!withToken) await rm(path.join(folder, 'mcp-gateway', 'token.env'));
        const result = await run('docker', ['compose', ...files, 'config', '-q']);
        assert.equal(result.code, 0, result.stderr);
      }
    });
  }
});
