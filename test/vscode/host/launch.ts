// Runs the extension-host tests in code-server's extension host, one suite after the other in one editor.
// `MCP_TEST_SUITES` lists them, as JSON; `MCP_TEST_REPORT` is where they write their counts.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import * as v from 'valibot';
import { exists } from '../../../src/platform/files';
import { eventually, longPatienceMs } from '../../support/eventually';
import { realServers, startTestGateway } from '../../support/gateway';
import { startEditor } from '../support/editor';

const Suites = v.array(v.object({ name: v.string(), extension: v.string(), tests: v.string() }));
type Suite = v.InferOutput<typeof Suites>[number];
const Settings = v.looseObject({ developmentOptions: v.optional(v.looseObject({}), {}) });

/** How long a suite may take whose tests all wait for something that does not come. */
const suiteMs = 20 * 60_000;
const report = process.env['MCP_TEST_REPORT'] ?? '';

async function main(): Promise<void> {
  const [first, ...others] = v.parse(Suites, JSON.parse(process.env['MCP_TEST_SUITES'] ?? '[]'));
  const gateway = await startTestGateway({ servers: { everything: realServers.everything } });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-host-'));
  const editor = await startEditor({
    folder,
    env: {
      MCP_GATEWAY_URL: gateway.url,
      MCP_GATEWAY_AUTH_TOKEN: gateway.token,
      MCP_TEST_GATEWAY_STATE: path.join(gateway.folder, 'state'),
    },
    prepare: async (context) => first && (await developmentMode(context, first)),
  });
  try {
    if (first) await reportOf(first);
    for (const suite of others) {
      await editor.page.context().unrouteAll();
      await developmentMode(editor.page.context(), suite);
      await editor.open(folder);
      await reportOf(suite);
    }
  } finally {
    await editor.close();
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function reportOf({ name }: Suite): Promise<void> {
  await eventually(async () => await exists(`${report}-${name}`), `the report of the suite ${name}`, suiteMs);
}

/** Rewrites the served page so that the workbench loads an extension under test and its tests. */
async function developmentMode(context: BrowserContext, { extension, tests }: Suite): Promise<void> {
  const uri = (file: string) => ({ $mid: 1, scheme: 'vscode-remote', authority: 'remote', path: file });
  await context.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document' || route.request().frame().parentFrame()) {
      await route.continue();
      return;
    }
    const response = await route.fetch({ timeout: longPatienceMs });
    const body = (await response.text()).replace(/data-settings="([^"]*)"/, (_all, text: string) => {
      const settings = v.parse(Settings, JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')));
      const developmentOptions = {
        ...settings.developmentOptions,
        extensions: [uri(extension)],
        extensionTestsPath: uri(tests),
      };
      const changed = JSON.stringify({ ...settings, developmentOptions });
      return `data-settings="${changed.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;
    });
    await route.fulfill({ response, body });
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
