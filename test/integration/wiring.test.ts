import { builtinSidecar } from '../../src/kinds/builtin/sidecar';
import { step } from '../../src/platform/next-step';
import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { AppError } from '../../src/platform/errors';
import {
  executeAdd,
  executeRemove,
  prepareAdd,
  prepareRemove,
  recoverWiring,
} from '../../src/devcontainer/wiring';
import { run } from '../../src/platform/run';
import { treeListing } from '../support/tree-hash';
import { add, edit, remove, targetOf, type Workbench, workbench } from '../support/wiring';

const layouts: { fixture: string; config?: string }[] = [
  { fixture: 'node-postgres' },
  { fixture: 'postgres-service-db' },
  { fixture: 'existing-compose' },
  { fixture: 'subfolders', config: '.devcontainer/python/devcontainer.json' },
];

const sidecarFile = '.devcontainer/docker-compose.mcp-gateway.yml';

describe('wiring a Compose dev container', () => {
  let bench: Workbench;
  afterEach(async () => await bench.dispose());

  for (const { fixture, config } of layouts) {
    describe(`laid out like ${fixture}`, () => {
      it('is taken back to the same bytes and modes', async () => {
        bench = await workbench(fixture, config);
        await chmod(path.join(bench.workspace, config ?? '.devcontainer/devcontainer.json'), 0o640);
        const before = await treeListing(bench.workspace);
        await add(bench.target, { clients: ['gemini', 'opencode'] });
        assert.notDeepEqual(await treeListing(bench.workspace), before);
        await remove(bench.target);
        assert.deepEqual(await treeListing(bench.workspace), before);
      });

      it('changes nothing the second time', async () => {
        bench = await workbench(fixture, config);
        assert.ok((await add(bench.target)) > 0);
        const once = await treeListing(bench.workspace);
        assert.equal(await add(bench.target), 0);
        assert.deepEqual(await treeListing(bench.workspace), once);
      });

      it('is taken back in a clone that has no record and no ignored files', async () => {
        bench = await workbench(fixture, config);
        const before = await treeListing(bench.workspace);
        await add(bench.target, { clients: ['gemini', 'opencode'] });
        const clone = path.join(bench.folder, 'clone');
        await cp(bench.workspace, clone, { recursive: true });
        const folder = path.dirname(config ?? '.devcontainer/devcontainer.json');
        await rm(path.join(clone, folder, 'mcp-gateway', 'token.env'));
        await remove(targetOf(clone, path.join(bench.folder, 'other-state'), config));
        assert.deepEqual(await treeListing(clone), before);
      });
    });
  }

  it('keeps what the user edited meanwhile and takes only its own back', async () => {
    bench = await workbench('existing-compose');
    const at = (name: string): string => path.join(bench.workspace, name);
    const userEdits = async (folder: string): Promise<void> => {
      await edit(path.join(folder, '.devcontainer/devcontainer.json'), (text) =>
        text
          .replace('"Existing Docker Compose (Extend)"', '"Shop"')
          .replace('"web", "cache"', '"web", "cache", "mail"'),
      );
      await edit(path.join(folder, '.devcontainer/docker-compose.yml'), (text) => `${text}    init: true\n`);
    };
    const expected = path.join(bench.folder, 'expected');
    await cp(bench.workspace, expected, { recursive: true });
    await userEdits(expected);
    await writeFile(at('.mcp.json'), '{ "mcpServers": { "a": { "command": "a" } } }\n');
    await writeFile(path.join(expected, '.mcp.json'), '{ "mcpServers": { "a": { "command": "b" } } }\n');
    await add(bench.target);
    await userEdits(bench.workspace);
    await edit(at('.mcp.json'), (text) => text.replace('"command": "a"', '"command": "b"'));
    await remove(bench.target);
    assert.deepEqual(await treeListing(bench.workspace), await treeListing(expected));
  });

  it('goes back to the first state after several adds with other choices', async () => {
    bench = await workbench('node-postgres');
    const before = await treeListing(bench.workspace);
    await add(bench.target);
    await add(bench.target, { clients: ['gemini'], hostPort: 9123, program: Buffer.from('newer\n') });
    assert.equal(await add(bench.target, { program: Buffer.from('newer\n') }), 0, 'the host port is kept');
    await add(bench.target, { program: Buffer.from('newer\n'), hostPort: 'auto' });
    const compose = path.join(bench.workspace, '.devcontainer/docker-compose.mcp-gateway.yml');
    assert.match(await readFile(compose, 'utf8'), /- 127\.0\.0\.1::8811\n/, 'the engine chooses again');
    await remove(bench.target);
    assert.deepEqual(await treeListing(bench.workspace), before);
  });

  it('keeps byte-order mark, CRLF, tabs, comments and trailing commas', async () => {
    bench = await workbench('node-postgres');
    const file = path.join(bench.workspace, '.devcontainer', 'devcontainer.json');
    const original =
      '\uFEFF{\r\n\t// first\r\n\t"dockerComposeFile": [ "docker-compose.yml", ], /* files */\r\n\t"service": "app",\r\n' +
      '\t"runServices": [\r\n\t\t"app", // the app\r\n\t],\r\n\t"workspaceFolder": "/workspaces/${localWorkspaceFolderBasename}", // last\r\n}\r\n';
    await writeFile(file, original);
    await add(bench.target);
    const wired = await readFile(file, 'utf8');
    assert.ok(wired.startsWith('\uFEFF{\r\n\t// first\r\n'));
    assert.ok(
      wired.includes('[ "docker-compose.yml", "docker-compose.mcp-gateway.yml", ], /* files */\r\n'),
      wired,
    );
    assert.ok(wired.includes('\t\t"app", // the app\r\n\t\t"mcp-gateway",\r\n\t],\r\n'), wired);
    assert.equal(/[^\r]\n/.test(wired), false);
    await writeFile(file, wired.replace('// first', '// edited'));
    await remove(bench.target);
    assert.equal(await readFile(file, 'utf8'), original.replace('// first', '// edited'));
  });

  it('writes the token for its owner alone, and nowhere else', async () => {
    bench = await workbench('node-postgres');
    await add(bench.target);
    const file = path.join(bench.workspace, '.devcontainer/mcp-gateway/token.env');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const token = /=([\w-]{43})\n$/.exec(await readFile(file, 'utf8'))?.[1] ?? assert.fail('no token');
    const found = await run('grep', ['-rlF', token, bench.folder]);
    assert.deepEqual(found.stdout.trim().split('\n'), [file]);
    await run('git', ['init', '-q'], { cwd: bench.workspace });
    const folder = path.dirname(file);
    await writeFile(path.join(folder, 'token.env.0123.tmp'), '');
    await writeFile(path.join(folder, 'servers.local.json.0123.tmp'), '');
    const { stdout } = await run('git', ['status', '--porcelain', '-uall', folder], { cwd: bench.workspace });
    const seen = stdout.trim().split('\n');
    assert.deepEqual(seen.map((line) => line.slice(3).replace(/^.*mcp-gateway\//, '')).sort(), [
      '.dockerignore',
      '.gitignore',
      'Dockerfile',
      'gateway.cjs',
      'servers.json',
      'token.env.example',
    ]);
  });

  it('writes nothing when a file cannot be parsed, and names the place', async () => {
    bench = await workbench('node-postgres');
    await writeFile(path.join(bench.workspace, '.mcp.json'), '{\n  "mcpServers": {,}\n}\n');
    const before = await treeListing(bench.folder);
    await assert.rejects(add(bench.target), (error: AppError) => {
      assert.equal(error.code, 'invalid-file');
      assert.match(error.message, /\.mcp\.json:2:18: /);
      return true;
    });
    assert.deepEqual(await treeListing(bench.folder), before);
  });

  it('tries the sidecar before a file of the user is touched, and takes all back when that fails', async () => {
    bench = await workbench('node-postgres');
    const before = await treeListing(bench.workspace);
    const plan = await prepareAdd(bench.target, {
      clients: [],
      hostPort: undefined,
      sidecar: builtinSidecar(Buffer.from('x')),
    });
    const file = path.join(bench.workspace, '.devcontainer/devcontainer.json');
    const original = await readFile(file, 'utf8');
    const failing = executeAdd(plan, bench.target, {
      signal: new AbortController().signal,
      prestart: async ({ container }) => {
        assert.equal(await readFile(file, 'utf8'), original);
        assert.ok(container.composeFiles.at(-1)?.endsWith('docker-compose.mcp-gateway.yml'));
        assert.ok((await stat(container.composeFiles.at(-1) ?? '')).isFile());
        throw new AppError('compose', 'the build failed');
      },
    });
    await assert.rejects(failing, /the build failed/);
    assert.deepEqual(await treeListing(bench.workspace), before);
  });

  it('takes the sidecar away again when a file of the user was changed while it was tried', async () => {
    bench = await workbench('node-postgres');
    const choices = { clients: [], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('x')) };
    const plan = await prepareAdd(bench.target, choices);
    const file = path.join(bench.workspace, '.devcontainer/devcontainer.json');
    const attempt = async (undo: () => Promise<void>): Promise<void> => {
      const prestart = async () => {
        await edit(file, (text) => `${text}\n`);
        return { started: true, undo };
      };
      await executeAdd(plan, bench.target, { signal: new AbortController().signal, prestart });
    };
    const undone: string[] = [];
    const undo = async (): Promise<void> => {
      undone.push((await stat(path.join(bench.workspace, sidecarFile))).isFile() ? 'with its files' : 'late');
    };
    await assert.rejects(attempt(undo), { code: 'conflict' });
    assert.deepEqual(undone, ['with its files']);
    await edit(file, (text) => text.replace(/\n$/, ''));
    await assert.rejects(
      attempt(async () => await Promise.reject(new Error('no engine'))),
      {
        message: /devcontainer\.json was changed .* could not be removed: no engine/,
      },
    );
  });

  it('is left alone by an add that was planned before it and confirmed after it', async () => {
    bench = await workbench('node-postgres');
    const choices = { clients: [], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('x')) };
    const waiting = await prepareAdd(bench.target, choices);
    await add(bench.target);
    const wired = await treeListing(bench.folder);
    const prestart = async () => assert.fail('started');
    const signal = new AbortController().signal;
    await assert.rejects(executeAdd(waiting, bench.target, { signal, prestart }), { code: 'conflict' });
    assert.deepEqual(await treeListing(bench.folder), wired);
  });

  it('is finished by the first of two commands, and the second is a conflict', async () => {
    bench = await workbench('node-postgres');
    const choices = { clients: [], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('x')) };
    const plan = await prepareAdd(bench.target, choices);
    const prestart = async () => {
      await assert.rejects(recoverWiring(bench.workspace, bench.target.env), { code: 'conflict' });
      await assert.rejects(add(bench.target), { code: 'conflict' });
      return { started: false };
    };
    await executeAdd(plan, bench.target, { signal: new AbortController().signal, prestart });
    assert.equal((await prepareAdd(bench.target, choices)).edits.length, 0);
  });

  it('keeps its containers when a remove turns out to be planned on other files', async () => {
    bench = await workbench('node-postgres');
    await add(bench.target);
    const plan = await prepareRemove(bench.target);
    await edit(path.join(bench.workspace, '.mcp.json'), (text) => `${text}\n`);
    const teardown = async () => assert.fail('torn down');
    const signal = new AbortController().signal;
    await assert.rejects(executeRemove(plan, bench.target, { signal, teardown }), { code: 'conflict' });
  });

  it('names the files that a failed add had to leave', async () => {
    bench = await workbench('node-postgres');
    const choices = { clients: [], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('x')) };
    const plan = await prepareAdd(bench.target, choices);
    const file = path.join(bench.workspace, '.devcontainer/mcp-gateway/servers.json');
    const failing = (reason: AppError): Promise<unknown> =>
      executeAdd(plan, bench.target, {
        signal: new AbortController().signal,
        prestart: async () => {
          await edit(file, (text) => `${text}// mine\n`);
          throw reason;
        },
      });
    await assert.rejects(failing(new AppError('compose', 'the build failed', { next: 'Read its log.' })), {
      code: 'compose',
      message: `the build failed. These files were changed in the meantime and stay as they are: ${file}.`,
      next: step('Read its log.'),
    });
    await rm(path.dirname(file), { recursive: true });
    await assert.rejects(failing(new AppError('cancelled', 'Cancelled.')), {
      code: 'internal',
      message: `Cancelled. These files were changed in the meantime and stay as they are: ${file}.`,
    });
  });

  it('says both why it failed and why it could not be taken back, and the next command goes on with that', async () => {
    bench = await workbench('node-postgres');
    const before = await treeListing(bench.workspace);
    const choices = { clients: [], hostPort: undefined, sidecar: builtinSidecar(Buffer.from('x')) };
    const plan = await prepareAdd(bench.target, choices);
    const file = path.join(bench.workspace, '.devcontainer/mcp-gateway/Dockerfile');
    const attempt = async (reason: AppError): Promise<void> => {
      const prestart = async () => {
        await rm(file);
        await mkdir(file);
        throw reason;
      };
      await executeAdd(plan, bench.target, { signal: new AbortController().signal, prestart });
    };
    await assert.rejects(attempt(new AppError('compose', 'The build failed.')), {
      code: 'compose',
      message: /The build failed\. Undoing the change failed too: .*Dockerfile is a folder/,
    });
    await rm(file, { recursive: true });
    assert.equal((await recoverWiring(bench.workspace, bench.target.env))?.operation, 'add');
    assert.deepEqual(await treeListing(bench.workspace), before);
    await assert.rejects(attempt(new AppError('cancelled', 'Cancelled.')), {
      code: 'internal',
      message: /Cancelled\. Undoing the change failed too: .*Dockerfile is a folder/,
    });
  });

  it('keeps servers that the user wrote, and says so', async () => {
    bench = await workbench('node-postgres');
    await add(bench.target);
    const folder = path.join(bench.workspace, '.devcontainer/mcp-gateway');
    await writeFile(path.join(folder, 'servers.json'), '{ "servers": {} }\n');
    await writeFile(path.join(folder, 'servers.local.json'), '{ "servers": {} }\n');
    const notes = await remove(bench.target);
    assert.equal(notes.filter((note) => note.includes('stays')).length, 2);
    const left = (await treeListing(folder)).map((line) => line.split(' ')[1]);
    assert.deepEqual(left, ['/', '.gitignore', 'servers.json', 'servers.local.json']);
  });

  it('leaves the clients wired while another dev container of the workspace is', async () => {
    bench = await workbench('subfolders', '.devcontainer/python/devcontainer.json');
    const before = await treeListing(bench.workspace);
    const other = { ...bench.target, config: '.devcontainer/node/devcontainer.json' };
    await add(bench.target);
    await add(other);
    await remove(bench.target);
    assert.match(await readFile(path.join(bench.workspace, '.mcp.json'), 'utf8'), /gateway/);
    await remove(other);
    assert.deepEqual(await treeListing(bench.workspace), before);
  });

  it('refuses to overwrite a file or an entry that is not its own', async () => {
    bench = await workbench('node-postgres');
    const compose = path.join(bench.workspace, '.devcontainer/docker-compose.mcp-gateway.yml');
    await writeFile(compose, 'services: {}\n');
    await assert.rejects(add(bench.target), { code: 'conflict' });
    await rm(compose);
    await writeFile(
      path.join(bench.workspace, '.mcp.json'),
      '{"mcpServers":{"gateway":{"command":"other"}}}',
    );
    await assert.rejects(add(bench.target), { code: 'conflict' });
  });

  it('writes out what an empty dockerComposeFile stands for', async () => {
    bench = await workbench('existing-compose');
    const file = path.join(bench.workspace, '.devcontainer/devcontainer.json');
    const original = '{ "dockerComposeFile": [], "service": "web", "workspaceFolder": "/workspace" }\n';
    await writeFile(file, original);
    await mkdir(path.join(bench.workspace, 'empty'));
    await add(bench.target);
    const { dockerComposeFile } = parse(await readFile(file, 'utf8')) as { dockerComposeFile: unknown };
    assert.deepEqual(dockerComposeFile, ['../docker-compose.yml', 'docker-compose.mcp-gateway.yml']);
    await remove(targetOf(bench.workspace, path.join(bench.folder, 'no-record')));
    assert.equal(await readFile(file, 'utf8'), original);
  });

  it('replaces the file behind a link, not the link', async () => {
    bench = await workbench('node-postgres');
    const config = path.join(bench.workspace, '.devcontainer/devcontainer.json');
    const real = path.join(bench.workspace, 'real.json');
    await run('mv', [config, real]);
    await run('ln', ['-s', '../real.json', config]);
    const before = await treeListing(bench.workspace);
    await add(bench.target);
    assert.match(await readFile(real, 'utf8'), /mcp-gateway/);
    await remove(bench.target);
    assert.deepEqual(await treeListing(bench.workspace), before);
  });
});
