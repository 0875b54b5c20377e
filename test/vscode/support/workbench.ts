import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Locator, Page, PageScreenshotOptions } from 'playwright-core';
import { eventually, longPatienceMs } from '../../support/eventually';
import { viewport } from './editor';

/** The workbench as a person uses it: by its accessible names, and by the keyboard. */
export class Workbench {
  constructor(readonly page: Page) {}

  /** Runs a command of the palette by its full title. */
  async run(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input[aria-autocomplete="list"]');
    await input.fill(`>${title}`);
    const rows = this.page.locator('.quick-input-list .monaco-list-row');
    // With a key binding its accessible name goes on after a comma.
    await rows.and(this.page.locator(`[aria-label="${title}"], [aria-label^="${title},"]`)).click();
  }

  /** Opens our view in the side bar. */
  async openView(): Promise<void> {
    const tab = this.page.getByRole('tab', { name: 'MCP Gateway' });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
    await this.view.waitFor();
  }

  get view(): Locator {
    return this.page.locator('#workbench\\.parts\\.sidebar');
  }

  /** What the view says while it has no rows. */
  get welcome(): Locator {
    return this.view.getByRole('region', { name: 'Welcome' });
  }

  /** The row whose accessible name fits. */
  row(name: string | RegExp): Locator {
    return this.view.getByRole('treeitem', { name });
  }

  /** Opens a row that has children. */
  async expand(name: string | RegExp): Promise<void> {
    const row = this.row(name);
    await row.waitFor();
    if ((await row.getAttribute('aria-expanded')) === 'true') return;
    await row.locator('.monaco-tl-twistie').click();
    await eventually(async () => (await row.getAttribute('aria-expanded')) === 'true', String(name));
  }

  /** Moves through the view by the arrow keys until a row is focused whose accessible name fits. */
  async arrowTo(name: RegExp): Promise<void> {
    await eventually(
      async () => {
        const { label, index, last } = await this.focus();
        if (name.test(label)) return true;
        // At the last row: rows may have come above.
        await this.page.keyboard.press(last ? 'Home' : 'ArrowDown');
        const moved = eventually(async () => (await this.focus()).index !== index, 'the focus moving', 5000);
        // A key that was lost is pressed again.
        await moved.catch(() => undefined);
        return false;
      },
      `a row ${String(name)} being focused`,
    );
  }

  /** Opens the focused row by the keyboard. */
  async openFocused(): Promise<void> {
    const focused = this.view.locator('.monaco-list-row.focused');
    if ((await focused.getAttribute('aria-expanded')) === 'false')
      await this.page.keyboard.press('ArrowRight');
    await eventually(async () => (await focused.getAttribute('aria-expanded')) === 'true');
  }

  /** What a screen reader says of the focused row of the view; empty for none. */
  async focusedRow(): Promise<string> {
    return (await this.focus()).label;
  }

  /** The focused row of the view: its accessible name, its place, and whether it is the last. */
  private async focus(): Promise<{ label: string; index: string | null; last: boolean }> {
    const row = this.view.locator('.monaco-list-row.focused').first();
    if ((await row.count()) === 0) return { label: '', index: null, last: false };
    return {
      label: (await row.getAttribute('aria-label')) ?? '',
      index: await row.getAttribute('data-index'),
      last: (await row.getAttribute('data-last-element')) === 'true',
    };
  }

  get status(): Locator {
    return this.page.locator(`[id="devcontainer-gateway.devcontainer-gateway.devcontainerGateway.status"]`);
  }

  /** What a screen reader says of the status item. */
  async statusLabel(): Promise<string> {
    const labelled = this.status.locator('xpath=descendant-or-self::*[@aria-label]').first();
    return (await labelled.getAttribute('aria-label', { timeout: 1000 })) ?? '';
  }

  /** Waits until the status item's accessible text fits. */
  async statusSays(text: RegExp): Promise<void> {
    let last = '';
    const says = async (): Promise<boolean> => text.test((last = await this.statusLabel()));
    await eventually(says, 'the status', longPatienceMs).catch((error: unknown) => {
      throw new Error(`the status item says "${last}"`, { cause: error });
    });
  }

  /** The text of a notification that fits. */
  notification(text: string | RegExp): Locator {
    return this.page.locator('.notification-toast').filter({ hasText: text });
  }

  /** Chooses an entry of the menu that is open. */
  async choose(name: string): Promise<void> {
    const entry = this.page.getByRole('menuitem', { name });
    await entry.hover();
    await this.page.keyboard.press('Enter');
    await entry.waitFor({ state: 'hidden' });
  }

  /** The list from which something is picked, or the input that asks for it. */
  get picker(): Locator {
    return this.page.locator('.quick-input-widget');
  }

  async clearNotifications(): Promise<void> {
    await this.run('Notifications: Clear All Notifications');
    await this.page.locator('.notification-toast').first().waitFor({ state: 'hidden' });
  }

  /** Saves a picture where `MCP_TEST_SCREENSHOTS` says, of the window or of a small one; nothing without it. */
  async screenshot(name: string, size: keyof typeof sizes = 'usual'): Promise<void> {
    if (!process.env['MCP_TEST_SCREENSHOTS']) return;
    // No row is pointed at; what else the pointer is on may show its hover, which is left out of the picture.
    await this.page.mouse.move(sizes.small.width * 0.75, sizes.small.height * 0.5);
    await this.page.setViewportSize(sizes[size]);
    await eventually(async () => {
      const box = await this.page.locator('.part.statusbar').boundingBox();
      if (box !== null && Math.abs(box.y + box.height - sizes[size].height) < 10) return true;
      // A window that is still loading does not hear of its size.
      await this.page.setViewportSize({ ...sizes[size], width: sizes[size].width + 1 });
      await this.page.setViewportSize(sizes[size]);
      return false;
    });
    await this.page.getByText('Activating Extensions').waitFor({ state: 'hidden' });
    await this.capture(name, { style: withoutHover });
    await this.page.setViewportSize(viewport);
  }

  /** Saves a picture of the window as a failed test left it. A window that cannot be pictured is no second failure. */
  async keepFailure(title: string): Promise<void> {
    await this.capture(`failed ${title}`).catch(() => undefined);
  }

  /** Saves a picture with whatever is pointed at, of a part of the window; nothing without `MCP_TEST_SCREENSHOTS`. */
  async capture(name: string, options: Pick<PageScreenshotOptions, 'clip' | 'style'> = {}): Promise<void> {
    const folder = process.env['MCP_TEST_SCREENSHOTS'];
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    const file = path.join(folder, `${name}.png`);
    await this.page.screenshot({ path: file, animations: 'disabled', ...options });
  }
}

const withoutHover = '.workbench-hover, .workbench-hover-pointer { visibility: hidden !important; }';
/** Of the window, in pixels. */
const sizes = { usual: viewport, small: { width: 640, height: 340 } };
