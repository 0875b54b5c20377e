import assert from 'node:assert/strict';
import { parse } from 'yaml';
import * as v from 'valibot';
import type { ComposeModel, ComposeService } from '../../../src/devcontainer/compose-project';
import type { ComposeDevContainer } from '../../../src/devcontainer/read';
import { renderSidecar } from '../../../src/devcontainer/sidecar-compose';

const container: ComposeDevContainer = {
  kind: 'compose',
  workspace: '/home/me/shop',
  configPath: '/home/me/shop/.devcontainer/devcontainer.json',
  configDir: '/home/me/shop/.devcontainer',
  source: { bom: '', text: '{}' },
  name: undefined,
  composeFiles: ['/home/me/shop/.devcontainer/docker-compose.yml'],
  userComposeFiles: ['/home/me/shop/.devcontainer/docker-compose.yml'],
  composeFileForm: 'string',
  projectDir: '/home/me/shop/.devcontainer',
  projectName: 'shop_devcontainer',
  composeEnvFile: undefined,
  service: 'app',
  workspaceFolder: '/work',
  workspaceFolderPattern: undefined,
  runServices: undefined,
  wired: false,
};

function service(over: Partial<ComposeService> = {}): ComposeService {
  const bind = { type: 'bind', source: '/home/me/shop', target: '/work' };
  return { networks: ['default'], networkMode: undefined, volumes: [bind], ...over };
}

function model(services: ComposeModel['services'], externalNetworks: string[] = []): ComposeModel {
  return { services, externalNetworks };
}

const rendered = v.object({
  services: v.record(
    v.string(),
    v.looseObject({
      networks: v.optional(v.array(v.string())),
      command: v.optional(v.array(v.string())),
      working_dir: v.optional(v.string()),
      user: v.optional(v.string()),
      cap_drop: v.optional(v.array(v.string())),
      cap_add: v.optional(v.array(v.string())),
      security_opt: v.optional(v.array(v.string())),
      ports: v.optional(v.array(v.string())),
      build: v.optional(v.looseObject({ context: v.string() })),
      env_file: v.optional(v.array(v.object({ path: v.string(), required: v.boolean() }))),
      environment: v.optional(v.looseObject({})),
      volumes: v.array(v.looseObject({ source: v.string(), target: v.string() })),
    }),
  ),
});

function render(over: Partial<ComposeDevContainer>, compose: ComposeModel, hostPort?: number) {
  const { text, notes } = renderSidecar({ ...container, ...over }, compose, {
    hostPort,
    kind: 'builtin',
    programHash: 'abc',
  });
  const value: unknown = parse(text);
  const { services } = v.parse(rendered, value);
  return { gateway: services['mcp-gateway'] ?? assert.fail(), app: services['app'] ?? assert.fail(), notes };
}

describe('the Compose file of the sidecar', () => {
  it('joins the networks of the service at the end of a network_mode chain', () => {
    const compose = model({
      app: service({ networks: [], networkMode: 'service:proxy' }),
      proxy: service({ networks: [], networkMode: 'service:db' }),
      db: service({ networks: ['data', 'front'] }),
    });
    assert.deepEqual(render({}, compose).gateway.networks, ['data', 'front']);
  });

  it('leaves networks out where the default one is meant', () => {
    assert.equal(render({}, model({ app: service() })).gateway.networks, undefined);
  });

  it('prefers networks of the project to external ones, and warns when there is no other', () => {
    assert.deepEqual(
      render({}, model({ app: service({ networks: ['ext', 'own'] }) }, ['ext'])).gateway.networks,
      ['own'],
    );
    const { gateway, notes } = render({}, model({ app: service({ networks: ['ext'] }) }, ['ext']));
    assert.deepEqual(gateway.networks, ['ext']);
    assert.equal(notes.length, 1);
  });

  it('refuses a service without a Compose network, but for the host network with a fixed port', () => {
    const host = model({ app: service({ networks: [], networkMode: 'host' }) });
    assert.throws(() => render({}, host), { code: 'refused' });
    const { app, gateway } = render({}, host, 9000);
    assert.equal(app.environment?.['MCP_GATEWAY_URL'], 'http://127.0.0.1:9000/mcp');
    assert.deepEqual(gateway.ports, ['127.0.0.1:9000:8811']);
    assert.throws(() => render({}, model({ app: service({ networkMode: 'none' }) }), 9000), {
      code: 'refused',
    });
    const loop = model({ app: service({ networkMode: 'service:app' }) });
    assert.throws(() => render({}, loop), { code: 'refused' });
  });

  it('runs the gateway as root with five capabilities, and tells it whose the servers are', () => {
    const { gateway } = render({}, model({ app: service() }));
    assert.equal(gateway.user, '0:0');
    assert.deepEqual(gateway.cap_drop, ['ALL']);
    assert.deepEqual(gateway.cap_add, ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID']);
    assert.deepEqual(gateway.security_opt, ['no-new-privileges:true']);
    const option = gateway.command?.indexOf('--server-user') ?? -1;
    assert.equal(gateway.command?.[option + 1], '${MCP_GATEWAY_UID:-1000}:${MCP_GATEWAY_GID:-1000}');
  });

  it('publishes a free port of the loopback only', () => {
    assert.deepEqual(render({}, model({ app: service() })).gateway.ports, ['127.0.0.1::8811']);
  });

  it("writes every path relative to the first Compose file's folder", () => {
    const { gateway, app } = render({ projectDir: '/home/me/shop' }, model({ app: service() }));
    assert.equal(gateway.build?.context, './.devcontainer/mcp-gateway');
    assert.deepEqual(app.env_file, [{ path: './.devcontainer/mcp-gateway/token.env', required: false }]);
    assert.deepEqual(
      gateway.volumes.slice(0, 2).map((mount) => [mount.source, mount.target]),
      [
        ['./', '/work'],
        ['./.devcontainer/mcp-gateway', '/work/.devcontainer/mcp-gateway'],
      ],
    );
    assert.equal(gateway.working_dir, '/work');
  });

  it('looks the workspace up where its path holds the name of the clone', () => {
    const parent = service({ volumes: [{ type: 'bind', source: '/home/me', target: '/workspaces' }] });
    const folder = { workspaceFolder: '/workspaces/shop', workspaceFolderPattern: '/workspaces/*' };
    const { gateway } = render(folder, model({ app: parent }));
    assert.deepEqual(gateway.command?.slice(-4), [
      '--workspace',
      '/workspaces/*',
      '--workspace-marker',
      '.devcontainer/mcp-gateway',
    ]);
    assert.equal(JSON.stringify(gateway).includes('/workspaces/shop'), false);
    assert.equal(gateway.volumes[0]?.source, '../..');
  });

  it('keeps a source with a variable as it is written', () => {
    const mount = { type: 'bind', source: '/home/me/shop', target: '/work', written: '${CODE}/shop' };
    assert.equal(
      render({}, model({ app: service({ volumes: [mount] }) })).gateway.volumes[0]?.source,
      '${CODE}/shop',
    );
  });

  it('takes a named volume that holds the workspace by its name', () => {
    const mount = { type: 'volume', source: 'code', target: '/work' };
    assert.equal(
      render({}, model({ app: service({ volumes: [mount] }) })).gateway.volumes[0]?.source,
      'code',
    );
  });

  it('says so when no mount holds the workspace', () => {
    assert.match(
      render({}, model({ app: service({ volumes: [] }) })).notes[0] ?? '',
      /do not see the workspace/,
    );
  });

  it('refuses a project that has a service of that name', () => {
    assert.throws(() => render({}, model({ app: service(), 'mcp-gateway': service() })), {
      code: 'conflict',
    });
  });
});
