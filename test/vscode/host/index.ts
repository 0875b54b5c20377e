// Loaded by the editor's extension host, bundled: the tests of the extension that the editor itself activates.
import { runSuite } from './run';

/** Called by the editor. */
export async function run(): Promise<void> {
  await runSuite('host', async () => {
    await import('./activation.test');
    await import('./contributions.test');
    await import('./states.test');
    await import('./next-step.test');
    await import('./commands.test');
    await import('./refusals.test');
    await import('./model.test');
    await import('./provider.test');
    await import('./secrets.test');
    await import('./tree.test');
    await import('./gone.test');
  });
}
