import assert from 'node:assert/strict';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { initialize, initialized } from '../support/bridge';
import { seeded } from '../support/corpus';
import { eventually } from '../support/eventually';
import { program } from '../support/gateway';
import { assertMessage } from './attacker';
import { malformed } from './malformed-corpus';
import { mutated } from './mutated';
import { counted, soakServer, tell } from './soak';

describe('what no client should send on standard input', () => {
  const count = counted(50_000);
  let folder: string;
  let gateway: ChildProcessWithoutNullStreams;
  let answers: string[];

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcp-soak-lines-'));
    const file = path.join(folder, 'servers.json');
    await writeFile(file, JSON.stringify({ servers: { attacked: soakServer('attacked') } }));
    const args = [program, '--stdio', '--servers', file, '--state', path.join(folder, 'state')];
    gateway = spawn(process.execPath, args);
    gateway.stderr.resume();
    answers = [];
    let rest = '';
    gateway.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      answers.push(...lines);
    });
    await send(initialize, initialized);
  });
  after(async () => {
    const exit = once(gateway, 'exit');
    gateway.stdin.end();
    await exit;
    await rm(folder, { recursive: true, force: true });
  });

  async function send(...lines: (string | Buffer)[]): Promise<void> {
    const bytes = Buffer.concat(lines.flatMap((line) => [Buffer.from(line), Buffer.from('\n')]));
    if (!gateway.stdin.write(bytes)) await once(gateway.stdin, 'drain');
  }

  /** All that was sent before has been read when this is answered. */
  async function assertServed(id: string, what: string): Promise<void> {
    await send(`{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":{"name":"attacked__ping"}}`);
    await eventually(() => answers.some((line) => line.includes(`"id":"${id}"`)), 20_000, what);
    const answer = answers.find((line) => line.includes(`"id":"${id}"`)) ?? '';
    assert.match(answer, /"text":"attacked"/, what);
    for (const line of answers.splice(0)) assertMessage(JSON.parse(line), what);
  }

  const bodies = malformed().flatMap(({ body = '' }) => (body === '' ? [] : [body.replace(/[\r\n]/g, ' ')]));

  it(`is answered by a message, and what follows is served, in ${bodies.length} cases`, async () => {
    for (const [i, body] of bodies.entries()) {
      await send(body);
      if (i % 20 === 19) await assertServed(`after case ${i}`, `the twenty before ${i}`);
    }
    await assertServed('after all', 'all cases');
  }).timeout(120_000);

  it(`does no harm when it is made at random, ${count} times`, async () => {
    const seed = Number(process.env['MCP_SOAK_SEED'] ?? Date.now() % 1_000_000);
    tell(`seed ${seed}`);
    const next = seeded(seed);
    const pick = (below: number): number => Math.floor(next() * below);
    const small = bodies.filter(({ length }) => length < 20_000);
    for (let i = 0; i < count; i += 1) {
      await send(mutated(Buffer.from(small[pick(small.length)] ?? ''), pick));
      if (i % 100 === 99) await assertServed(`after ${i}`, `seed ${seed}, the hundred before ${i}`);
    }
    assert.equal(gateway.exitCode, null);
  }).timeout(300_000);
});
