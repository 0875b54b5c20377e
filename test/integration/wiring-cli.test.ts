import { builtinSidecar } from '../../src/kinds/builtin/sidecar';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { add, type AddOptions } from '../../src/cli/add';
import { plan } from '../../src/cli/plan';
import { remove } from '../../src/cli/remove';
import type { WiringDependencies } from '../../src/cli/wiring';
import { JournaledChange } from '../../src/devcontainer/apply';
import { journalPath } from '../../src/devcontainer/journal';
import { prepareAdd } from '../../src/devcontainer/wiring';
import { AppError } from '../../src/platform/errors';
import { workspaceStateDir } from '../../src/platform/state';
import { type CliResult, runVerb } from '../support/cli';
import { treeListing } from '../support/tree-hash';
import { edit, type Workbench, workbench } from '../support/wiring';

const verbs = { add, plan, remove };
const answer = v.object({
  config: v.string(),
  changed: v.array(v.string()),
  started: v.optional(v.boolean()),
  notes: v.array(v.string()),
  diff: v.optional(v.string()),
});
const failure = v.object({ error: v.object({ code: v.string(), message: v.string(), next: v.string() }) });

describe('the wiring verbs', () => {
  let bench: Workbench;
  beforeEach(async () => {
    bench = await workbench('node-postgres');
  });
  afterEach(async () => await bench.dispose());

  async function verb(
    name: keyof typeof verbs,
    options: AddOptions = {},
    dependencies: WiringDependencies = {},
  ): Promise<CliResult> {
    const program = async (): Promise<Buffer> => Buffer.from('// gateway\n');
    const { env } = bench.target;
    const action = verbs[name];
    return await runVerb(async (io) => await action(io, options, { program, ...dependencies }), {
      json: options.json ?? false,
      env,
      cwd: path.join(bench.workspace, '.devcontainer'),
    });
  }

  function read<T extends v.GenericSchema>(schema: T, result: CliResult): v.InferOutput<T> {
    const value: unknown = JSON.parse(result.stdout);
    return v.parse(schema, value);
  }

  it('wire and unwire from a folder below, with one JSON document each', async () => {
    const before = await treeListing(bench.workspace);
    const prestart = async () => ({ started: true, note: 'tried' });
    const added = read(
      answer,
      await verb('add', { yes: true, json: true, client: ['gemini'] }, { prestart }),
    );
    assert.equal(added.started, true);
    assert.equal(added.notes.at(-1), 'tried');
    assert.equal(added.config, '.devcontainer/devcontainer.json');
    assert.ok(added.changed.includes('.gemini/settings.json'));
    let torn = '';
    const teardown: WiringDependencies['teardown'] = async ({ container }) => {
      torn = await readFile(container.composeFiles.at(-1) ?? '', 'utf8');
      return ['a note of the teardown'];
    };
    const removed = read(answer, await verb('remove', { yes: true, json: true }, { teardown }));
    assert.deepEqual([...removed.changed].sort(), [...added.changed].sort());
    assert.deepEqual(removed.notes, ['a note of the teardown']);
    assert.match(torn, /mcp-gateway/, 'our Compose file is still there when the containers go');
    assert.deepEqual(await treeListing(bench.workspace), before);
  });

  it('change nothing without a yes, and show the diff without the token', async () => {
    const before = await treeListing(bench.folder);
    const refused = await verb('add', { json: true });
    assert.equal(refused.status, 1);
    assert.equal(read(failure, refused).error.code, 'refused');
    const declined = await verb('add', {}, { confirm: async () => false });
    assert.equal(declined.status, 1);
    assert.match(declined.stderr, /\+MCP_GATEWAY_AUTH_TOKEN=<secret>\n/);
    for (const name of ['plan', 'add'] as const) {
      const shown = await verb(name, { dryRun: true });
      assert.equal(shown.status, 0);
      assert.match(
        shown.stdout,
        /\+\t"dockerComposeFile": \["docker-compose\.yml", "docker-compose\.mcp-gateway\.yml"\],/,
      );
      assert.doesNotMatch(shown.stdout, /TOKEN=[\w-]{8}/);
    }
    assert.deepEqual(await treeListing(bench.folder), before);
  });

  it('go on after an interrupted add whose container the engine keeps, and name the files that stay', async () => {
    const program = Buffer.from('// gateway\n');
    const { edits, container } = await prepareAdd(bench.target, {
      clients: [],
      hostPort: undefined,
      sidecar: builtinSidecar(program),
    });
    const stateDir = await workspaceStateDir(bench.workspace, bench.target.env);
    const change = await JournaledChange.begin(
      stateDir,
      { operation: 'add', config: container.configPath },
      edits,
    );
    await change.apply(edits.filter(({ stage }) => stage === 'sidecar'));
    // As if the process that wrote it were another one, which is gone.
    await edit(journalPath(stateDir), (text) => text.replace(/"id":"[^"]+"/, '"id":"killed"'));
    const servers = path.join(bench.workspace, '.devcontainer/mcp-gateway/servers.json');
    await edit(servers, (text) => `${text}// mine\n`);
    const takeBack = async () => await Promise.reject(new AppError('engine', 'the engine is busy'));
    const planned = await verb('plan', {}, { takeBack });
    assert.equal(planned.status, 0, planned.stderr);
    const [, left, note] = planned.stderr.split('\n');
    assert.match(left ?? '', /servers\.json was changed in the meantime and stays as it is/);
    assert.match(note ?? '', /may still be there: the engine is busy/);
  });

  it('do not start anything with --no-start', async () => {
    const prestart = async () => assert.fail('started');
    assert.equal(
      read(answer, await verb('add', { yes: true, json: true, start: false }, { prestart })).started,
      false,
    );
  });

  it('say what is wrong with a choice, and what to do', async () => {
    const kind = read(failure, await verb('add', { yes: true, json: true, gateway: 'docker' })).error;
    assert.match(kind.message, /not available in this version/);
    const client = await verb('add', { yes: true, json: true, client: ['emacs'] });
    assert.equal(client.status, 2);
    assert.match(read(failure, client).error.next, /claude, gemini, opencode/);
  });

  it('say of a workspace that is not there what to check', async () => {
    const { error } = read(failure, await verb('plan', { json: true, workspace: '/nowhere/at/all' }));
    assert.deepEqual([error.code, error.next], ['not-found', 'Check --workspace.']);
    assert.match(error.message, /\/nowhere\/at\/all/);
  });

  it('find nothing to remove where nothing is wired', async () => {
    const result = await verb('remove', { yes: true });
    assert.equal(result.status, 0);
    assert.match(result.stdout, /not wired/);
  });
});
