import { eventually, longPatienceMs } from '../../support/eventually';
import type { Workbench } from './workbench';

/** Answers the dialog that asks for a folder, and asks again where a busy window has opened another folder. */
export async function openFolder(bench: Workbench, folder: string): Promise<void> {
  const { page, picker } = bench;
  const opened = (): boolean => new URL(page.url()).searchParams.get('folder')?.includes(folder) === true;
  const first = page.url();
  await eventually(
    async () => {
      if (opened()) return true;
      const another = page.url() !== first;
      if (another && !(await picker.isVisible())) await bench.run('File: Open Folder...');
      await typeFolder(bench, folder);
      const before = page.url();
      await picker.getByRole('button', { name: 'OK' }).click({ timeout: 10_000 });
      // It takes no answer while it is still reading the folder.
      await picker.waitFor({ state: 'hidden', timeout: 10_000 });
      await page.waitForURL((url) => url.href !== before, { waitUntil: 'commit' });
      await page.locator('.monaco-workbench').waitFor();
      return opened();
    },
    `${folder} being open`,
    longPatienceMs,
  );
}

async function typeFolder({ page, picker }: Workbench, folder: string): Promise<void> {
  await picker.getByText('..', { exact: true }).waitFor();
  const input = picker.locator('.quick-input-box input');
  // The dialog completes what is typed, and puts its own folder in when it is slow to open.
  await eventually(async () => {
    if ((await input.inputValue()).replace(/\/$/, '') === folder) return true;
    await page.keyboard.press('Control+A');
    await page.keyboard.type(folder);
    return false;
  });
}
