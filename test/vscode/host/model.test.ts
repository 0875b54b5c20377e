import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { GatewayModel } from '../../../src/editor/model';
import { isAnswering } from '../../../src/gateway/state';
import type { Logger } from '../../../src/platform/log';
import { McpProvider } from '../../../src/views/mcp-provider';
import { eventually } from '../../support/eventually';

const quiet: Logger = { log: () => undefined };
const token = process.env['MCP_GATEWAY_AUTH_TOKEN'] ?? '';

describe("the gateway in VS Code's own agent", () => {
  let folder: string;
  let model: GatewayModel;
  let provider: McpProvider;

  before(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-model-'));
    model = await answeringModel(folder);
    provider = new McpProvider(model);
  });

  after(async () => {
    provider.dispose();
    model.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  it('is one server without its token, which is added when it starts', async () => {
    const [definition, ...more] = await provider.provideMcpServerDefinitions();
    assert.ok(definition);
    assert.equal(more.length, 0);
    assert.ok(!JSON.stringify(definition).includes(token));
    const resolved = await provider.resolveMcpServerDefinition(definition);
    assert.equal(resolved.headers['Authorization'], `Bearer ${token}`);
    assert.equal(resolved.uri.toString(true), process.env['MCP_GATEWAY_URL']);
  });

  it('has another version when the tools change', async () => {
    const version = async (): Promise<string | undefined> =>
      (await provider.provideMcpServerDefinitions())[0]?.version;
    const before = await version();
    await (await model.manager()).restartServer('everything', AbortSignal.timeout(10_000));
    await eventually(async () => (await version()) !== before && (await version()) !== undefined, 20_000);
  });

  it('is left out where a file of the workspace gives it already', async () => {
    await mkdir(path.join(folder, '.vscode'));
    const entry = { servers: { gateway: { type: 'http', url: '${env:MCP_GATEWAY_URL}' } } };
    await writeFile(path.join(folder, '.vscode/mcp.json'), JSON.stringify(entry));
    assert.deepEqual(await provider.provideMcpServerDefinitions(), []);
    await rm(path.join(folder, '.vscode'), { recursive: true });
    assert.equal((await provider.provideMcpServerDefinitions()).length, 1);
  });
});

describe('the model', () => {
  it('leaves no socket and no timer when it is disposed', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-model-'));
    const owned = (): number =>
      process.getActiveResourcesInfo().filter((kind) => ['TCPSocketWrap', 'Timeout'].includes(kind)).length;
    const before = owned();
    const models = await Promise.all(Array.from({ length: 8 }, async () => await answeringModel(folder)));
    for (const { catalogue } of models) {
      catalogue.follow();
      await catalogue.tools();
    }
    assert.ok(owned() >= before + 8);
    for (const model of models) model.dispose();
    // Timers of the editor itself come and go; eight models would leave far more.
    await eventually(() => owned() <= before + 3, 10_000, 'sockets and timers being gone');
    await rm(folder, { recursive: true, force: true });
  });
});

async function answeringModel(folder: string): Promise<GatewayModel> {
  const model = new GatewayModel({ folder, place: 'container', env: process.env, log: quiet });
  await model.refresh();
  await eventually(
    () => model.state !== undefined && isAnswering(model.state),
    20_000,
    'the gateway answering',
  );
  return model;
}
