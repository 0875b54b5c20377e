import assert from 'node:assert/strict';
import { composeFailure, containerFinding, lastWords } from '../../../../src/gateway/watch/diagnosis';
import { details } from './samples';
import { stepText } from '../../../../src/platform/next-step';

const url = 'http://127.0.0.1:4321/mcp';
const noLog = async (): Promise<string[]> => [];

describe('what a container is found to be', () => {
  it('runs, and says where', async () => {
    const startedAt = '2026-01-01T00:00:00Z';
    const found = await containerFinding(details({ startedAt }), url, noLog);
    assert.deepEqual(found, { type: 'running', url, startedAt });
  });

  it('is stopped after it was told to stop, whichever signal ended it', async () => {
    for (const exitCode of [0, 137, 143]) {
      const found = await containerFinding(details({ status: 'exited', exitCode }), null, noLog);
      assert.equal(found.type, 'stopped');
    }
  });

  it('failed when its program ended by itself, with the status and the last words', async () => {
    const log = async (): Promise<string[]> => ['starting', 'error: kaputt', '', 'Node.js v24.0.0'];
    const found = await containerFinding(details({ status: 'exited', exitCode: 3 }), null, log);
    assert.ok(found.type === 'failed');
    assert.equal(found.exitCode, 3);
    assert.match(found.reason, /ended with status 3: error: kaputt/);
  });

  it('failed while it is restarted again and again, even with status 0', async () => {
    const looping = details({ status: 'restarting', exitCode: 0, restarts: 5 });
    const found = await containerFinding(looping, null, noLog);
    assert.ok(found.type === 'failed');
    assert.match(found.reason, /again after 5 restarts without any output/);
  });

  it('is on its way back after one orderly restart', async () => {
    const back = details({ status: 'restarting', exitCode: 0, restarts: 1 });
    assert.equal((await containerFinding(back, null, noLog)).type, 'running');
  });

  it('failed when the engine could not start it, with the port that is taken', async () => {
    const error =
      'driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 127.0.0.1:8811: bind: address already in use';
    const found = await containerFinding(details({ status: 'created', error }), null, noLog);
    assert.ok(found.type === 'failed');
    assert.match(found.reason, /Another program uses .* host port 8811/);
    assert.match(stepText(found.next), /devcontainer-gateway add --host-port auto/);
  });

  it('says that it ran out of memory', async () => {
    const dead = details({ status: 'exited', exitCode: 137, outOfMemory: true });
    const found = await containerFinding(dead, null, noLog);
    assert.ok(found.type === 'failed');
    assert.match(found.reason, /out of memory/);
  });
});

describe('the last words of a log', () => {
  it('are the message of a JSON line', () => {
    assert.equal(lastWords(['{"time":"t","level":"error","message":"it broke"}']), 'it broke');
  });

  it('are the line that names the error, not the trace below it', () => {
    assert.equal(
      lastWords(["Error: Cannot find module '/x'", '    at resolve (node:1:1)', 'Node.js v24']),
      "Error: Cannot find module '/x'",
    );
  });

  it('are none where a program only said that it listens', () => {
    assert.equal(lastWords(['{"event":"listening","url":"u"}']), undefined);
  });
});

describe('a failure of Compose', () => {
  const cases: [string, string, RegExp][] = [
    [
      'Error response from daemon: driver failed: Bind for 127.0.0.1:8811 failed: port is already allocated',
      'conflict',
      /host port 8811/,
    ],
    [
      'failed to bind host port for 0.0.0.0:9000:172.18.0.2:8811/tcp: address already in use',
      'conflict',
      /host port 9000/,
    ],
    ['failed to bind host port 127.0.0.1:9000/tcp: address already in use', 'conflict', /host port 9000/],
    [
      'failed to do request: Head "https://registry-1.docker.io/v2/library/node/manifests/24": dial tcp: lookup registry-1.docker.io: no such host',
      'compose',
      /base image library\/node:24 is not on this machine/,
    ],
    ['pull access denied for nope, repository does not exist', 'compose', /base image nope is not/],
    [
      'Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?',
      'no-engine',
      /does not answer/,
    ],
    ['no such service: mcp-gateway', 'compose', /no service mcp-gateway/],
    ['something else\nthe last line', 'compose', /the last line/],
  ];
  for (const [output, code, reason] of cases) {
    it(`is told as ${code} with a next step: ${output.slice(0, 50)}`, () => {
      const error = composeFailure('starting mcp-gateway', output);
      assert.equal(error.code, code);
      assert.match(error.message, reason);
      assert.ok(error.next);
    });
  }
});
