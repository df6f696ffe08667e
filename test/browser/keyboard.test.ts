/** What a buyer does most, without a pointing device. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { atLocalhost, look, openBrowser } from '../support/browser.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { settled } from './all-pages.ts';

let gateway: ConsoleGateway;
let browser: Browser;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([startConsole(), openBrowser()]);
  expect((await gateway.spend()).status).toBe(200);
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

const TABS_MAX = 60;

const FOCUSED = `(() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const name = element.getAttribute('aria-label') ?? element.labels?.[0]?.textContent ?? element.textContent;
  return { name: name.trim(), shown: style.outlineStyle !== 'none' || style.boxShadow !== 'none' };
})()`;

/** What has the focus, as it is called; and whether the browser shows that it has it. */
const focused = (page: Page): Promise<{ name: string; shown: boolean }> => page.evaluate(FOCUSED);

/** Presses Tab until the named thing has the focus, visibly. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < TABS_MAX; i++) {
    const now = await focused(page);
    if (typeof name === 'string' ? now.name === name : name.test(now.name)) {
      expect(now.shown, `the focus on ${now.name} shows`).toBe(true);
      return;
    }
    seen.push(now.name);
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to ${String(name)}; it came to ${seen.join(' | ')}`);
}

test('signs in, makes a key and reads a receipt by keyboard alone', async () => {
  await look({ browser, origin: atLocalhost(gateway.origin) }, async ({ page }) => {
    await page.goto('/console');
    await page.waitForURL('**/console/login*');
    await tabTo(page, 'Name');
    await page.keyboard.type(gateway.buyer.name);
    await tabTo(page, 'Password');
    await page.keyboard.type(gateway.buyer.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await settled(page);

    // The first Tab offers to skip the navigation.
    await page.keyboard.press('Tab');
    expect((await focused(page)).name).toBe('Skip to content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');

    await tabTo(page, 'Keys');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Keys', level: 1 }).waitFor();
    await tabTo(page, /^Create (a )?key$/);
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await tabTo(page, 'Label');
    await page.keyboard.type('by keyboard');
    await page.keyboard.press('Enter');
    await dialog.getByText('It is shown only once').waitFor();
    // Escape must not lose what is shown only once.
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(true);
    await tabTo(page, 'I have stored it');
    await page.keyboard.press('Space');
    await tabTo(page, 'Done');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'by keyboard' }).waitFor();

    await tabTo(page, 'Requests');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Requests', level: 1 }).waitFor();
    await settled(page);
    await tabTo(page, /^\d\d:\d\d:\d\d UTC$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Receipt', level: 1 }).waitFor();
    await page.getByText('Charge', { exact: true }).first().waitFor();
  });
});
