// Loaded by the editor's extension host, bundled, in the name of an extension with our manifest and no program: the tests
// activate and end the extension themselves.
import { runSuite } from './run';

/** Called by the editor. */
export async function run(): Promise<void> {
  await runSuite('life', async () => {
    await import('./deactivation.test');
    await import('./without-folder.test');
  });
}
