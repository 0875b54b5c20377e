import assert from 'node:assert/strict';
import {
  containerCommand,
  pullCommand,
  type ContainerDefinition,
} from '../../../../../src/builtin/upstream/transports/container-command';
import { containerFailure } from '../../../../../src/builtin/upstream/transports/container';
import { unobtainable } from '../../../../../src/builtin/upstream/transports/container-image';
import { parseServersFile } from '../../../../../src/servers/parse';

const owner = { gateway: 'g', run: 'h/1/r' };
const values = new Map([
  ['TOKEN', 's3cr3t'],
  ['TAG', '2'],
]);

function define(entry: object): ContainerDefinition {
  const text = JSON.stringify({ servers: { one: { type: 'container', image: 'mcp/time', ...entry } } });
  const definition = parseServersFile(text, 'servers.json').servers.get('one');
  assert.ok(definition?.type === 'container');
  return definition;
}

function command(entry: object) {
  return containerCommand(define(entry), 'the-name', owner, (name) => values.get(name), '/work/space');
}

describe('the command that runs a server in a container', () => {
  it('shuts it in by default', () => {
    assert.deepEqual(command({}).args, [
      ...['run', '--interactive', '--rm', '--name', 'the-name'],
      ...['--label', 'io.devcontainer-gateway.owner=g', '--label', 'io.devcontainer-gateway.run=h/1/r'],
      ...['--log-driver', 'none', '--memory', '1g', '--cpus', '1', '--pids-limit', '256'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', 'mcp/time'],
    ]);
  });

  it('uses the limits and the network of the definition', () => {
    const text = command({
      memory: '64m',
      cpus: 0.5,
      pids: 20,
      network: 'none',
      readOnly: true,
      args: ['--utc'],
    }).args.join(' ');
    assert.match(text, /--memory 64m --cpus 0\.5 --pids-limit 20 /);
    assert.match(text, /--read-only --tmpfs \/tmp --network none mcp\/time --utc$/);
  });

  it('passes variables by name, and their values in its own environment only', () => {
    const { args, env } = command({ env: { API_TOKEN: '${TOKEN}', PLAIN: 'x' } });
    assert.match(args.join(' '), /--env API_TOKEN --env PLAIN mcp\/time$/);
    assert.equal(args.join(' ').includes('s3cr3t'), false);
    assert.deepEqual([env['API_TOKEN'], env['PLAIN']], ['s3cr3t', 'x']);
  });

  it('keeps variables that its own client heeds away from that', () => {
    const { args, env } = command({ env: { PATH: '/opt/bin', DOCKER_HOST: 'tcp://x' } });
    assert.match(args.join(' '), /--env PATH=\/opt\/bin --env DOCKER_HOST=tcp:\/\/x mcp/);
    assert.notEqual(env['PATH'], '/opt/bin');
    assert.notEqual(env['DOCKER_HOST'], 'tcp://x');
    assert.throws(() => command({ env: { PATH: '${TOKEN}' } }), /cannot be filled/);
  });

  it('puts no variable among its arguments, but in the name of the image and of a volume', () => {
    assert.throws(() => command({ args: ['--token', '${TOKEN}'] }), /must not contain a variable/);
    const { args } = command({ image: 'mcp/time:${TAG}', volumes: ['data-${TAG}:/data'] });
    assert.deepEqual(args.slice(-3), ['--volume', 'data-2:/data', 'mcp/time:2']);
  });

  it('finds a relative folder where the gateway works', () => {
    const { args } = command({
      volumes: ['.:/w:ro', './sub:/s', '../up:/u', '/abs:/a', 'named:/n', '.hidden:/h'],
    });
    assert.deepEqual(
      args.filter((_arg, i) => args[i - 1] === '--volume'),
      ['/work/space:/w:ro', '/work/space/sub:/s', '/work/up:/u', '/abs:/a', 'named:/n', '.hidden:/h'],
    );
  });

  it('is made of values that are no options', () => {
    for (const entry of [
      { image: '--privileged' },
      { volumes: ['-v'] },
      { network: '--x' },
      { memory: 'lots' },
      { env: { 'A=B': '' } },
    ])
      assert.throws(() => define(entry), JSON.stringify(entry));
  });
});

describe('the command that gets an image', () => {
  it('is the engine’s own, and sees none of the variables of a server', () => {
    const { command: program, args, env, container } = pullCommand('mcp/time:2', '/work/space');
    assert.deepEqual([program, args, container], [command({}).command, ['pull', 'mcp/time:2'], undefined]);
    assert.deepEqual(env, command({}).env);
  });
});

describe('an image that did not come', () => {
  it('is named, with what the engine said and the next step', () => {
    const problem =
      "Error response from daemon: pull access denied for x, repository does not exist or may require 'docker login'";
    const { message, next } = unobtainable('x', problem);
    assert.equal(
      message,
      "The image x could not be pulled (pull access denied for x, repository does not exist or may require 'docker login').",
    );
    assert.match(next?.text ?? '', /docker login, or pull it where the gateway runs: docker pull x$/);
  });
});

describe('a container that did not run', () => {
  it('says what is missing', () => {
    const reason = 'exited with code 125';
    const cases: [string, string, RegExp][] = [
      [
        'could not be started: "docker" was not found (or …)',
        '',
        /no docker command where the gateway runs\. Install/,
      ],
      [
        reason,
        'docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock.',
        /none answers .*DOCKER_HOST/,
      ],
      [
        reason,
        'docker: Error response from daemon: pull access denied for x',
        /could not get the image x .*docker pull x/,
      ],
      [
        reason,
        'docker: Error response from daemon: network nope not found.',
        /could not be run by the container engine/,
      ],
      ['exited with code 1', 'Traceback', /^exited with code 1$/],
    ];
    for (const [ended, lastLine, expected] of cases)
      assert.match(containerFailure(ended, lastLine, 'x'), expected);
  });
});
