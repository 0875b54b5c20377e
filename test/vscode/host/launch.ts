// Runs the extension-host tests in code-server's extension host. `MCP_TEST_REPORT` is where they write their counts.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { BrowserContext } from 'playwright-core';
import { exists } from '../../../src/platform/files';
import { eventually } from '../../support/eventually';
import { realServers, root, startTestGateway } from '../../support/gateway';
import { startEditor } from '../support/editor';

const report = process.env['MCP_TEST_REPORT'] ?? '';
const tests = path.join(root, 'dist/test/host.cjs');

async function main(): Promise<void> {
  const gateway = await startTestGateway({ servers: { everything: realServers.everything } });
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mcpt-ve-host-'));
  const editor = await startEditor({
    folder,
    env: { MCP_GATEWAY_URL: gateway.url, MCP_GATEWAY_AUTH_TOKEN: gateway.token },
    prepare: developmentMode,
  });
  try {
    await eventually(async () => await exists(report), 120_000, 'the report of the extension-host tests');
  } finally {
    await editor.close();
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rewrites the served page so that the workbench loads this checkout as an extension under test. */
async function developmentMode(context: BrowserContext): Promise<void> {
  const uri = (file: string) => ({ $mid: 1, scheme: 'vscode-remote', authority: 'remote', path: file });
  await context.route('**/*', async (route) => {
    if (route.request().resourceType() !== 'document' || route.request().frame().parentFrame()) {
      await route.continue();
      return;
    }
    const response = await route.fetch();
    const body = (await response.text()).replace(/data-settings="([^"]*)"/, (_all, text: string) => {
      const settings = JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')) as Record<
        string,
        unknown
      >;
      settings['developmentOptions'] = {
        ...(settings['developmentOptions'] as object | undefined),
        extensions: [uri(root)],
        extensionTestsPath: uri(tests),
      };
      return `data-settings="${JSON.stringify(settings).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;
    });
    await route.fulfill({ response, body });
  });
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
