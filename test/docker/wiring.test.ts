import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { DevContainer, removeLeftovers, type Layout } from '../support/dev-container';
import { docker, lines, projectResources, testImages, tryDocker } from '../support/docker';
import { eventually } from '../support/eventually';
import { listAiClients } from '../support/ai-clients';
import { inspectContainer, listeningAddresses, publishedPort } from '../support/engine-facts';
import { restartEngine } from '../support/engine-restart';
import { visitWithV1, visitWithV2 } from '../support/stdio-clients';
import { occurrences, tokenOf } from '../support/token-search';
import { treeListing } from '../support/tree-hash';

const hello = [{ type: 'text', text: 'hello' }];
const arguments_ = { text: 'hello' };

/** An agent in the dev container and a client on the host both call a tool. */
async function works(container: DevContainer): Promise<void> {
  const inside = await eventually(async () => await container.probe('sample__echo', arguments_));
  assert.deepEqual(inside.result.content, hello);
  const outside = await visitWithV1(container.connect, 'sample__echo', arguments_);
  assert.deepEqual(outside.content, hello);
}

for (const layout of ['javascript-node-postgres', 'postgres'] satisfies Layout[]) {
  describe(`a dev container of the layout ${layout}, wired by add`, () => {
    let container: DevContainer;
    let original: string[];

    const token = async (): Promise<string> => await tokenOf(container.folder);

    before(async () => {
      await removeLeftovers();
      container = await DevContainer.copyOf(layout, layout.slice(0, 4));
      original = await treeListing(container.folder);
      const added: unknown = JSON.parse(
        await container.mustCli('add', '--yes', '--json', '--client', 'gemini', '--client', 'opencode'),
      );
      assert.equal(typeof added, 'object');
      await container.up();
    });

    after(async () => await container.dispose());

    it('lets a program inside that reads .mcp.json list and call tools, with no extra environment', async () => {
      const { url, tools, result } = await container.probe('sample__echo', arguments_);
      assert.equal(url, 'http://mcp-gateway:8811/mcp');
      assert.ok(tools.includes('sample__echo'));
      assert.deepEqual(result.content, hello);
    });

    it('is connected to by the real Gemini CLI and OpenCode', async () => {
      const { gemini, opencode } = await listAiClients(container);
      assert.match(gemini, /✓ gateway: .* - Connected/);
      assert.match(opencode, /✓ *gateway +(?:.*)connected/);
    });

    it('serves v1 and v2 clients on the host through connect, without any MCP variable', async () => {
      for (const visit of [visitWithV1, visitWithV2]) {
        const { tools, content } = await visit(container.connect, 'sample__echo', arguments_);
        assert.ok(tools.includes('sample__echo'));
        assert.deepEqual(content, hello);
      }
    });

    it('publishes the gateway on loopback and nowhere else', async () => {
      const port = await publishedPort(await container.container('mcp-gateway'));
      const addresses = await listeningAddresses(port);
      assert.deepEqual([...new Set(addresses)], ['127.0.0.1']);
    });

    it('answers 401 to a sibling container without the token', async () => {
      const gateway = await inspectContainer(await container.container('mcp-gateway'));
      for (const network of Object.keys(gateway.NetworkSettings.Networks)) {
        const script =
          "fetch('http://mcp-gateway:8811/mcp',{method:'POST',body:'{}'}).then(r=>console.log(r.status))";
        const status = await docker(
          'run',
          '--rm',
          '--network',
          network,
          testImages.database,
          'node',
          '-e',
          script,
        );
        assert.equal(status.trim(), '401');
      }
    });

    it('runs with a read-only root, the capabilities to change users, and limits', async () => {
      const { Config, HostConfig } = await inspectContainer(await container.container('mcp-gateway'));
      assert.equal(Config.User, '0:0');
      assert.equal(HostConfig.ReadonlyRootfs, true);
      assert.equal(HostConfig.Privileged, false);
      assert.deepEqual(HostConfig.CapDrop, ['ALL']);
      const added = (HostConfig.CapAdd ?? []).map((name) => name.replace(/^CAP_/, ''));
      assert.deepEqual(added.sort(), ['CHOWN', 'DAC_OVERRIDE', 'KILL', 'SETGID', 'SETUID']);
      assert.ok(HostConfig.SecurityOpt?.some((option) => option.startsWith('no-new-privileges')));
      assert.ok(HostConfig.Memory > 0, 'no memory limit');
      assert.ok((HostConfig.PidsLimit ?? 0) > 0, 'no limit of processes');
      assert.equal(HostConfig.RestartPolicy.Name, 'unless-stopped');
      assert.ok(!HostConfig.Binds?.some((bind) => bind.includes('docker.sock')));
    });

    it('has its token in no tracked file, label, image or argument', async () => {
      const places = await occurrences(container, await token());
      assert.deepEqual(places, {
        files: ['.devcontainer/mcp-gateway/token.env'],
        labels: [],
        images: [],
        arguments: [],
      });
    });

    it('is told by status, servers, tools, call, logs and restart inside, where there is no engine', async () => {
      const status = await container.mustCliInside('status');
      assert.match(status, /healthy/);
      assert.match(await container.mustCliInside('servers'), /sample/);
      assert.match(await container.mustCliInside('tools'), /sample__echo/);
      const called = await container.mustCliInside(
        'call',
        'sample__echo',
        '--args',
        JSON.stringify(arguments_),
      );
      assert.equal(called.trim(), 'hello');
      await container.mustCliInside('logs');
      await container.mustCliInside('logs', 'sample');
      await container.mustCliInside('restart', 'sample');
      await eventually(
        async () => (await container.cliInside('call', 'sample__echo', '--args', '{"text":"1"}')).code === 0,
      );
    });

    it('says where to run up, inside the dev container', async () => {
      const { code, stderr } = await container.cliInside('up');
      assert.equal(code, 1);
      assert.match(
        stderr,
        /Next: Run this command on the machine that has the container engine, .*: devcontainer-gateway up/,
      );
    });

    it('still works after the app container was removed and made again', async () => {
      await docker('rm', '--force', await container.container('app'));
      await container.up();
      await works(container);
    });

    it('still works after restart', async () => {
      await container.mustCli('restart');
      await works(container);
    });

    it('still works after down and up', async () => {
      await container.mustCli('down');
      await container.mustCli('up');
      await works(container);
    });

    if (restartEngine !== undefined) {
      it('still works after the engine was restarted', async () => {
        await restartEngine?.();
        await container.up();
        await works(container);
      });
    }

    it('leaves no trace after remove', async () => {
      await container.mustCli('remove', '--yes', '--json');
      assert.deepEqual(await treeListing(container.folder), original);
      const left = await oursLeft(container.project);
      assert.deepEqual(left, { containers: [], networks: [], volumes: [], images: [] });
      const state = await readFile(path.join(container.folder, '.devcontainer/devcontainer.json'), 'utf8');
      assert.ok(!state.includes('mcp-gateway'));
    });

    it('opens without the gateway after remove', async () => {
      await container.up('--remove-existing-container');
      const { code } = await container.exec('printenv', 'MCP_GATEWAY_URL');
      assert.notEqual(code, 0);
    });
  });
}

/** What the engine still holds that is ours: not the user's services of the same project. */
async function oursLeft(project: string): Promise<Awaited<ReturnType<typeof projectResources>>> {
  const label = ['--filter', 'label=io.devcontainer-gateway.gateway'];
  const ofProject = [...label, '--filter', `label=com.docker.compose.project=${project}`];
  const all = await projectResources(project);
  const networks = await Promise.all(
    all.networks.map(async (id) => {
      const name = (await docker('network', 'inspect', '--format', '{{.Name}}', id)).trim();
      return /_(?:app-network|default)$/.test(name) ? [] : [name];
    }),
  );
  const dangling = (await tryDocker('images', '--quiet', '--filter', 'dangling=true', ...ofProject)).stdout;
  return {
    containers: lines(await docker('ps', '--all', '--quiet', ...ofProject)),
    networks: networks.flat(),
    volumes: lines(await docker('volume', 'ls', '--quiet', ...ofProject)),
    images: [...all.images.filter((name) => name.includes('mcp-gateway')), ...lines(dangling)],
  };
}
