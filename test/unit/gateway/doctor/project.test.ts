import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { clients } from '../../../../src/clients/clients';
import { faultsOf } from '../../../../src/clients/faults';
import type { ProjectFacts } from '../../../../src/gateway/doctor/facts';
import { projectFacts } from '../../../../src/gateway/doctor/gather-project';
import { run } from '../../../../src/platform/run';
import {
  cleanProjects,
  directServerProjects,
  hostAccessProjects,
  type Project,
  publicBindProjects,
  secretProjects,
} from './projects';

const bad: readonly [keyof ProjectFacts, readonly Project[]][] = [
  ['binds', publicBindProjects],
  ['direct', directServerProjects],
  ['secrets', secretProjects],
  ['access', hostAccessProjects],
];

describe('the doctor, of a project', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'project-'))));
  afterEach(async () => await rm(folder, { recursive: true }));

  async function factsOf({ files }: Project): Promise<ProjectFacts> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
      await writeFile(path.join(folder, name), text);
    }
    for (const args of [
      ['init', '-q'],
      ['add', '-f', '.'],
    ]) {
      const { code, stderr } = await run('git', args, { cwd: folder });
      assert.equal(code, 0, stderr);
    }
    return await projectFacts(folder, [], process.env);
  }

  for (const [kind, projects] of bad)
    for (const project of projects)
      it(`tells ${kind}: ${project.name}`, async () => {
        const facts = await factsOf(project);
        assert.notEqual((facts[kind] ?? []).length, 0);
        for (const text of facts[kind] ?? [])
          assert.ok(text.startsWith(Object.keys(project.files)[0] ?? '?'), text);
        // A secret itself is never told.
        assert.doesNotMatch(JSON.stringify(facts), /q7Zp2Lx9|Q7ZP2LX9|Tr0ub4dor/);
      });

  for (const project of cleanProjects)
    it(`is silent: ${project.name}`, async () => {
      assert.deepEqual(await factsOf(project), { binds: [], direct: [], access: [], secrets: [] });
    });

  it('has forty bad projects and twenty clean ones at least', () => {
    assert.ok(bad.flatMap(([, projects]) => projects).length >= 40);
    assert.ok(cleanProjects.length >= 20);
  });

  for (const url of [
    'https://evil.example/mcp',
    '${MCP_GATEWAY_URL:-https://evil.example/mcp}',
    'https://evil.example/${MCP_GATEWAY_URL}',
    '${MCP_GATEWAY_URL}.evil.example',
    'http://127.0.0.1.evil.example:8811/mcp',
    'http://mcp-gateway@evil.example/mcp',
  ])
    it(`counts no entry that sends the token to another host: ${url}`, () => {
      for (const client of clients) {
        const faults = faultsOf({ ...client.entry, [client.addressField]: url }, client);
        assert.match(faults.join(), /would send the gateway's token to another host/);
      }
    });
});
