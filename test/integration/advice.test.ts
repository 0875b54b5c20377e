import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { stepVerbs } from '../../src/platform/next-step';
import { run } from '../../src/platform/run';
import { root } from '../support/gateway';
import * as wiring from '../support/wiring';

const cli = path.join(root, 'dist/cli.js');

/** Each command that a text of the sources names: its verb and the options that follow. */
async function advice(): Promise<{ file: string; verb: string; options: string[] }[]> {
  const files = (await readdir(path.join(root, 'src'), { recursive: true })).filter((file) =>
    file.endsWith('.ts'),
  );
  const found = files.map(async (file) => {
    const text = await readFile(path.join(root, 'src', file), 'utf8');
    const commands = text.matchAll(
      /(?<=["'`:] ?)devcontainer-gateway ([a-z]+)((?: --[a-z-]+(?: [A-Z]+)?)*)/g,
    );
    return [...commands].map(([, verb = '', options = '']) => ({
      file,
      verb,
      options: options.match(/--[a-z-]+/g) ?? [],
    }));
  });
  return (await Promise.all(found)).flat();
}

describe('the command line', () => {
  let bench: wiring.Workbench;
  before(async () => {
    bench = await wiring.workbench('node-postgres');
  });
  after(async () => await bench.dispose());

  it('has every verb and option that its messages advise', async () => {
    const commands = await advice();
    assert.ok(commands.length > 5);
    for (const verb of new Set(commands.map((command) => command.verb))) {
      const { code, stdout } = await run(process.execPath, [cli, verb, '--help']);
      const those = commands.filter((command) => command.verb === verb);
      assert.equal(code, 0, `${verb}, in ${those.map(({ file }) => file).join(', ')}`);
      for (const { file, options } of those)
        for (const option of options) assert.ok(stdout.includes(option), `${verb} ${option}, in ${file}`);
    }
  });

  it('has every verb that a next step may name', async () => {
    for (const verb of stepVerbs) {
      const { code } = await run(process.execPath, [cli, ...verb.split(' '), '--help']);
      assert.equal(code, 0, verb);
    }
  });

  it('ends without a word when the reader of its output has gone', async () => {
    for (const args of [['--help'], ['plan', '--workspace', bench.workspace]]) {
      const child = spawn(process.execPath, [cli, ...args], { env: bench.target.env });
      child.stdout.destroy();
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
      await once(child, 'close');
      assert.doesNotMatch(said, /EPIPE/, args.join(' '));
    }
  });
});
