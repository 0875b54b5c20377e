import assert from 'node:assert/strict';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { add as addVerb } from '../../src/cli/add';
import { doctor } from '../../src/cli/doctor';
import { shown } from '../../src/cli/io';
import { remove as removeVerb } from '../../src/cli/remove';
import { status } from '../../src/cli/status';
import { table } from '../../src/cli/table';
import type { VerbAction } from '../../src/cli/run';
import { readYaml, valueOfYaml } from '../../src/devcontainer/yaml-document';
import { ensureTokenEnv, tokenEnvFile } from '../../src/gateway/resolve/token-env';
import { AppError } from '../../src/platform/errors';
import { readFileIfExists, readRepositoryText } from '../../src/platform/files';
import { parseJsoncObject } from '../../src/platform/jsonc/jsonc';
import { run } from '../../src/platform/run';
import { loadServersFile } from '../../src/servers/load';
import { type CliResult, runVerb } from '../support/cli';
import { skipBecause } from '../support/skip';
import { add, type Workbench, workbenchWithoutCompose } from '../support/wiring';

/** Files of a repository that our verbs read. */
const readByUs = [
  '.devcontainer/devcontainer.json',
  '.devcontainer/docker-compose.yml',
  '.devcontainer/.env',
  '.mcp.json',
  '.gemini/settings.json',
  '.vscode/settings.json',
  '.vscode/mcp.json',
  '.devcontainer/mcp-gateway/servers.json',
  '.devcontainer/mcp-gateway/servers.local.json',
  '.devcontainer/mcp-gateway/token.env',
] as const;

/** What stands in the place of a file, and what is said of it. */
const traps: readonly { trap: string; make: (file: string) => Promise<unknown>; said: RegExp }[] = [
  {
    trap: 'a pipe',
    make: async (file) => await run('mkfifo', [file]),
    said: /is not a regular file/,
  },
  {
    trap: 'a device without end',
    make: async (file) => await symlink('/dev/zero', file),
    said: /is not a regular file|leads out of the workspace/,
  },
  {
    trap: 'a link to itself',
    make: async (file) => await symlink(path.basename(file), file),
    said: /is a symbolic link that leads back to itself/,
  },
  {
    trap: 'a very large file',
    make: async (file) => await writeFile(file, Buffer.alloc(3 * 1024 * 1024, ' ')),
    said: /is larger than 2 MiB|is larger than 256 KiB/,
  },
];

describe('files of a repository that is not trusted', () => {
  let bench: Workbench;
  beforeEach(async () => (bench = await workbenchWithoutCompose('node-postgres')));
  afterEach(async () => await bench.dispose());

  const at = (name: string): string => path.join(bench.workspace, name);

  async function verb(action: VerbAction): Promise<CliResult> {
    return await runVerb(action, { env: bench.target.env, cwd: bench.workspace });
  }

  const verbs: Record<string, () => Promise<CliResult>> = {
    add: async () =>
      await verb(
        async (io) =>
          await addVerb(
            io,
            { client: ['gemini'], dryRun: true },
            { program: async () => Buffer.from('//\n') },
          ),
      ),
    remove: async () => await verb(async (io) => await removeVerb(io, { dryRun: true }, {})),
    doctor: async () => await verb(async (io) => await doctor(io, {})),
    status: async () => await verb(async (io) => await status(io, {})),
  };

  for (const { trap, make, said } of traps) {
    it(`do not stop a verb with ${trap} in the place of any file, and are named`, async function () {
      if (process.platform === 'win32') skipBecause(this, 'Windows has no such files');
      for (const name of readByUs) {
        await bench.dispose();
        bench = await workbenchWithoutCompose('node-postgres');
        await mkdir(path.dirname(at(name)), { recursive: true });
        await rm(at(name), { force: true });
        await make(at(name));
        let texts = '';
        for (const [verbName, act] of Object.entries(verbs)) {
          const { stdout, stderr } = await act();
          texts += stdout + stderr;
          assert.doesNotMatch(
            stdout + stderr,
            /internal|RangeError|Maximum call/,
            `${verbName} with ${name}`,
          );
        }
        if (name.startsWith('.vscode')) continue; // VS Code's own files: what cannot be read tells nothing.
        assert.match(texts, said, name);
        assert.ok(texts.includes(path.basename(name)), name);
      }
    });
  }

  it('are refused when JSON is deeper than a person writes it, with the place', async () => {
    for (const text of [`{"a":${'['.repeat(100_000)}`, `{"a":${'{"b":'.repeat(100_000)}`]) {
      assert.throws(() => parseJsoncObject(text, 'x.json'), {
        code: 'invalid-file',
        message: /^x\.json:1:\d+: .*more than 200 levels/,
      });
      const file = at('servers.json');
      await writeFile(file, text);
      await assert.rejects(loadServersFile(file), { code: 'invalid-file', message: /200 levels/ });
    }
    assert.equal(parseJsoncObject('{"a": "[[[[" /* {{{ */}', 'x')['a'], '[[[[');
  });

  const bombs: Record<string, string> = {
    'aliases of aliases': `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghijk'
      .split(/(?=.)/)
      .map(
        (name, i) =>
          `${name}: &${name} [${Array(9)
            .fill(`*${'abcdefghijk'[i] ?? ''}`)
            .join(',')}]\n`,
      )
      .join('')}services: *k\n`,
    'a large map used a thousand times': `x: &x {${Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join(',')}}\nservices: {${Array.from({ length: 900 }, (_, i) => `s${i}: *x`).join(',')}}\n`,
    'many aliases': `a: &a 1\nb:\n${'- *a\n'.repeat(5000)}`,
    'an alias of itself': 'services: &a {b: *a}\n',
    'an alias of nothing': 'services: *a\n',
    'deep lists': `services: ${'['.repeat(40_000)}`,
    'deep blocks': '- '.repeat(40_000),
    'many entries': 'a,'.repeat(100_000).replace(/^/, 'services: [').concat(']'),
    'many keys': Array.from({ length: 30_000 }, (_, i) => `k${i}:\n`).join(''),
  };
  for (const [name, text] of Object.entries(bombs)) {
    it(`are refused when YAML takes long: ${name}`, async () => {
      const file = at('compose.yml');
      await writeFile(file, text);
      await assert.rejects(
        async () => valueOfYaml(await readYaml(file)),
        (error: unknown) =>
          error instanceof AppError && error.code === 'invalid-file' && error.message.includes('compose.yml'),
      );
    });
  }

  it('keep what people do with aliases and merge keys', async () => {
    await writeFile(at('c.yml'), 'x: &x {a: 1}\nservices:\n  one: {<<: *x, b: 2}\n  two: *x\n');
    assert.deepEqual(valueOfYaml(await readYaml(at('c.yml'))), {
      x: { a: 1 },
      services: { one: { a: 1, b: 2 }, two: { a: 1 } },
    });
    await writeFile(at('c.yml'), 'a: 1\nb: 2\na: 3\n');
    await assert.rejects(readYaml(at('c.yml')), { message: /c\.yml:3:1: Map keys must be unique/ });
  });

  it('are read to their end where the system gives no size', async function () {
    if (process.platform !== 'linux') skipBecause(this, 'there is no /proc');
    assert.match((await readRepositoryText('/proc/self/status')) ?? '', /^Name:/);
    assert.equal((await readFileIfExists(__filename))?.toString(), await readFile(__filename, 'utf8'));
  });
});

describe('a token file that is committed', () => {
  let bench: Workbench;
  const file = (): string => tokenEnvFile(path.join(bench.workspace, '.devcontainer'));
  const git = async (...args: string[]): Promise<void> => {
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.com', '-c', 'commit.gpgsign=false'];
    const { code, stderr } = await run('git', [...identity, ...args], { cwd: bench.workspace });
    assert.equal(code, 0, stderr);
  };
  const owner = () => ({
    workspace: bench.workspace,
    configDir: path.join(bench.workspace, '.devcontainer'),
  });
  const known = 'MCP_GATEWAY_AUTH_TOKEN=the-author-knows-this\n';

  beforeEach(async () => {
    bench = await workbenchWithoutCompose('node-postgres');
    bench.target.env['PATH'] = process.env['PATH'];
    await mkdir(path.dirname(file()));
    await writeFile(file(), known);
    await git('init', '-q');
    await git('add', '-f', '.');
  });
  afterEach(async () => await bench.dispose());

  for (const state of ['staged', 'committed', 'committed, and quoted since'] as const) {
    it(`is not adopted by up (${state}); the new one stays`, async () => {
      if (state !== 'staged') await git('commit', '-qm', 'x');
      if (state.endsWith('since'))
        await writeFile(file(), 'MCP_GATEWAY_AUTH_TOKEN="the-author-knows-this"\n');
      const first = await ensureTokenEnv(owner(), async () => 'the-author-knows-this');
      assert.equal(first.written, true);
      assert.match(first.token, /^[\w-]{43}$/);
      assert.match(first.note ?? '', /token\.env is in Git.*git rm --cached/);
      assert.equal((await stat(file())).mode & 0o777, 0o600);
      const second = await ensureTokenEnv(owner(), async () => undefined);
      assert.deepEqual(second, { token: first.token, written: false });
    });
  }

  it('is not adopted by add, which says so', async () => {
    await git('commit', '-qm', 'x');
    const result = await runVerb(
      async (io) =>
        await addVerb(io, { yes: true, start: false }, { program: async () => Buffer.from('//\n') }),
      { env: bench.target.env, cwd: bench.workspace },
    );
    assert.match(result.stderr, /Note: .*token\.env is in Git/);
    assert.match(await readFile(file(), 'utf8'), /^MCP_GATEWAY_AUTH_TOKEN=[\w-]{43}\n$/);
    assert.equal(await add(bench.target, { program: Buffer.from('//\n') }), 0, 'the new one is kept');
  });

  it('is adopted when it is only on this machine', async () => {
    await git('rm', '-q', '--cached', '-f', file());
    await git('commit', '-qm', 'x');
    const { token, written } = await ensureTokenEnv(owner(), async () => undefined);
    assert.deepEqual([token, written], ['the-author-knows-this', false]);
  });

  it('is found without starting a program that the repository names', async () => {
    await git('commit', '-qm', 'x');
    const trace = path.join(bench.folder, 'started');
    await git('config', 'core.fsmonitor', `touch ${trace}; false`);
    assert.equal((await ensureTokenEnv(owner(), async () => undefined)).written, true);
    await assert.rejects(stat(trace), { code: 'ENOENT' });
  });
});

describe('what a terminal would obey', () => {
  const text = 'a\x1b[2J\x1b]0;title\x07\u202eevil\u2066\x9b31m\x7f\rover\r\nb\tc\u200b\ud83d\ude00';
  const visible =
    'a\\x1b[2J\\x1b]0;title\\x07\\u202eevil\\u2066\\u009b31m\\u007f\\x0dover\r\nb\tc\\u200b\ud83d\ude00';

  it('is shown in every text of the command line', async () => {
    assert.equal(shown(text), visible);
    const result = await runVerb(async (io) => {
      io.stdout(text);
      io.stderr(text);
      throw new AppError('not-found', text, { next: text });
    });
    assert.equal(result.stdout, visible);
    assert.equal(result.stderr, `${visible}error: ${visible}\nNext: ${visible}\n`);
  });

  it('makes no new line or column in a table', () => {
    assert.equal(table([['a\nfake row', 'b\t\x1b[1m']]), 'a\\nfake row  b\\t\\x1b[1m\n');
  });

  it('has the same value in JSON', async () => {
    const result = await runVerb(
      async () => {
        await Promise.reject(new AppError('not-found', text, { next: text }));
      },
      { json: true },
    );
    assert.doesNotMatch(result.stdout, /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e\u2066]/);
    assert.deepEqual(JSON.parse(result.stdout), { error: { code: 'not-found', message: text, next: text } });
  });

  it('is left in bytes, which are for a file', async () => {
    const result = await runVerb(async (io) => {
      io.stdout(Buffer.from(text));
      await Promise.resolve();
    });
    assert.equal(result.stdout, text);
  });
});
