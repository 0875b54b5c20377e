import { rm } from 'node:fs/promises';
import { installVsix } from './editor';

let extensions: Promise<string> | undefined;

/** A folder with the packaged .vsix installed; installed once, removed when the tests end. */
export async function packagedExtension(): Promise<string> {
  const vsix = process.env['MCP_TEST_VSIX'];
  if (!vsix) throw new Error('MCP_TEST_VSIX is not set: run these tests with "npm run test:vscode"');
  extensions ??= installVsix(vsix);
  return await extensions;
}

after(async () => {
  if (extensions) await rm(await extensions, { recursive: true, force: true });
});
