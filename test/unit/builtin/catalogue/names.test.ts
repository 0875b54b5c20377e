import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { LogBuffer } from '../../../../src/builtin/logs/buffer';
import { exposedName } from '../../../../src/builtin/catalogue/names';
import { parseInvocation } from '../../../../src/builtin/assembly/options';
import { Redactor } from '../../../../src/platform/redact';
import { matchesTemplate } from '../../../../src/builtin/catalogue/uri-template';
import { patienceMs } from '../../../support/eventually';

describe('the name of a tool behind the gateway', () => {
  it('is the server, two underscores and the tool’s own name', () => {
    assert.equal(exposedName('files', 'read_file', 'always'), 'files__read_file');
    assert.equal(exposedName('files', 'read_file', 'never'), 'read_file');
  });

  it('has at most 50 characters, and stays different for different tools', () => {
    const [a, b] = [
      exposedName('s', `${'x'.repeat(60)}a`, 'always'),
      exposedName('s', `${'x'.repeat(60)}b`, 'always'),
    ];
    assert.equal(a.length, 50);
    assert.notEqual(a, b);
    assert.equal(a, exposedName('s', `${'x'.repeat(60)}a`, 'always'));
  });

  it('has characters of the specification’s set alone', () => {
    assert.match(exposedName('s', 'größe ändern', 'always'), /^s__gr__e__ndern_[0-9a-f]{8}$/);
  });
});

describe('a resource template', () => {
  it('matches the URIs that it can expand to', () => {
    assert.ok(matchesTemplate('demo://text/{id}', 'demo://text/7'));
    assert.ok(!matchesTemplate('demo://text/{id}', 'demo://text/7/8'));
    assert.ok(matchesTemplate('file://{+path}', 'file:///a/b.txt'));
    assert.ok(!matchesTemplate('a.b/{x}', 'aXb/1'));
    assert.ok(matchesTemplate('a/{x}/b{?q*}', 'a/1/b?q=/2'));
    assert.ok(!matchesTemplate('a/{x}{y}/c', 'a/1/2/c'));
  });

  it('of a server that means harm is compared to its end', () => {
    const matches = (): boolean => matchesTemplate(`a${'{+x}'.repeat(50)}z`, 'a'.repeat(5000));
    // Only `vm` can end a comparison that does not come to its end.
    assert.equal(runInNewContext('matches()', { matches }, { timeout: patienceMs }), false);
  });
});

describe('the log of a server', () => {
  it('contains no part of a secret, when one contains another or a long line is cut inside it', () => {
    const log = new LogBuffer(new Redactor(['s3cret', 's3cret-value']).redact, 2);
    log.add('s3cret-value');
    log.add(`${'x'.repeat(3995)}s3cret-value`);
    assert.equal(log.tail(2)[0], '<redacted>');
    assert.doesNotMatch(log.tail(2)[1] ?? '', /s3c/);
  });

  it('is bounded and holds no secret', () => {
    const log = new LogBuffer(new Redactor(['s3cret-value']).redact, 2);
    for (const line of ['one', 'the token s3cret-value', 'three']) log.add(line);
    assert.deepEqual(log.tail(10), ['the token <redacted>', 'three']);
    assert.deepEqual(log.tail(0), []);
  });
});

describe('the options of the gateway program', () => {
  it('refuse what is not a port, and what is not known', () => {
    assert.throws(() => parseInvocation(['--port', '99999'], {}), /"99999" is not a port/);
    assert.throws(() => parseInvocation(['--nonsense'], {}), /--nonsense/);
  });

  it('take allowed hosts from the command line and from the environment', () => {
    const invocation = parseInvocation(['--allowed-host', 'a'], { MCP_GATEWAY_ALLOWED_HOSTS: 'b, c' });
    assert.deepEqual(invocation.mode === 'serve' && invocation.options.allowedHosts, ['b', 'c', 'a']);
  });
});
