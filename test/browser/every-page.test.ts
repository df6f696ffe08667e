/** Every page of both consoles: accessible in both themes, and as wide as the window, on a desk and on a phone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { atLocalhost, DESK, look, openBrowser, overflow, PHONE, picture, violations } from '../support/browser.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { allPages, DOORS, visit } from './all-pages.ts';
import { enter } from './enter.ts';

let gateway: ConsoleGateway;
let browser: Browser;
let origin: string;
let pages: Record<'buyer' | 'admin', string[]>;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([startConsole(), openBrowser()]);
  origin = atLocalhost(gateway.origin);
  for (let i = 0; i < 3; i++) expect((await gateway.spend('Tell me about prompt caching.')).status).toBe(200);
  pages = await allPages(gateway);
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

const THEMES = ['light', 'dark'] as const;
/** The themes differ in colours alone, so the rest, and the phone, is asked once. */
const SIZES = { light: [DESK, PHONE], dark: [DESK] } as const;
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** A table becomes one that keys can scroll when it is seen to be wider than its place: a frame after that. */
const TWO_FRAMES = 'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))))';

/** What is wrong with the page at each size. */
async function faults(page: Page, path: string, theme: (typeof THEMES)[number]): Promise<string[]> {
  const found: string[] = [];
  const rules = theme === 'light' ? undefined : OF_COLOURS;
  for (const size of SIZES[theme]) {
    await page.setViewportSize(size);
    await page.evaluate(TWO_FRAMES);
    const over = await overflow(page);
    if (over > 0) found.push(`${path} at ${size.width} px: ${over} px too wide`);
    found.push(...(await violations(page, rules)).map((violation) => `${path} at ${size.width} px: ${violation}`));
    await picture(page, `${nameOf(path)}-${theme}-${size.width}`);
  }
  await page.setViewportSize(DESK);
  return found;
}

const nameOf = (path: string): string => path.replace(/req_\w+/, 'one').replaceAll(/\W+/g, '-').replaceAll(/^-|-$/g, '');

describe.each(THEMES)('in the %s theme', (colorScheme) => {
  test.each(['buyer', 'admin'] as const)('all pages of the %s have no fault and scroll only downwards', async (kind) => {
    const found = await look({ browser, origin, colorScheme }, async ({ page }) => {
      await enter(page, kind, gateway[kind]);
      const faulty: string[] = [];
      for (const path of pages[kind]) {
        await visit(page, path);
        faulty.push(...(await faults(page, path, colorScheme)));
      }
      return faulty;
    });
    expect(found).toEqual([]);
  });

  test('so have the pages before there is a session', async () => {
    const found = await look({ browser, origin, colorScheme }, async ({ page }) => {
      const faulty: string[] = [];
      for (const path of DOORS) {
        await page.goto('about:blank');
        await page.goto(path);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await page.getByText('Checking the link').waitFor({ state: 'detached' });
        faulty.push(...(await faults(page, path, colorScheme)));
      }
      return faulty;
    });
    expect(found).toEqual([]);
  });
});
