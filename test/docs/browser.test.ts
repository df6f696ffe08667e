/** The docs in a real browser, as the built gateway serves them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUIDE_SLUGS, guidePath } from '../../src/docs/guide-page.ts';
import type { Browser } from 'playwright-core';
import { ALIAS, startProduct, type Product } from '../support/product.ts';
import { DESK, look, openBrowser, overflow, PHONE, violations } from '../support/browser.ts';

const PAGES = [...GUIDE_SLUGS.map(guidePath), '/docs/api', '/docs/search?q=cache', '/docs/nowhere'];

describe('the docs in a browser', () => {
  let product: Product;
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
    product = await startProduct();
    await product.server.printed(/^docs /m);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  test.each([
    ['light', DESK],
    ['dark', DESK],
    ['light', PHONE],
  ] as const)('are accessible, fit, and load nothing from elsewhere: %s %o', async (colorScheme, viewport) => {
    await look({ browser, origin: product.origin, colorScheme, viewport }, async ({ page }) => {
      for (const path of PAGES) {
        await page.goto(path);
        expect({ path, violations: await violations(page), overflow: await overflow(page) }).toEqual({ path, violations: [], overflow: 0 });
      }
    });
  });

  test('compute a charge while one types, by keyboard alone, as the server does', async () => {
    await look({ browser, origin: product.origin, viewport: DESK }, async ({ page }) => {
      await page.goto('/docs/token-classes');
      await page.getByLabel('model').selectOption('claude-opus-4-6');
      const total = page.locator('[data-total]');
      await page.getByLabel('input', { exact: true }).focus();
      for (const count of ['1,001', '17', '3', '0', '999', '2']) {
        await page.keyboard.press('ControlOrMeta+a');
        await page.keyboard.type(count);
        await page.keyboard.press('Tab');
      }
      // 1001×5 + 17×25 + 3×6.25 + 999×0.5 = 5,948.25; two searches are 20,000.
      expect(await page.locator('[data-sum]').textContent()).toBe('25,948.25');
      expect(await total.textContent()).toBe('25,949');
      expect(await page.locator('[data-usdc]').textContent()).toBe('0.025949');
      await page.keyboard.press('Space');
      expect(await page.locator('[data-factor]').textContent()).toBe('(tokens × 1.1)');
      expect(await total.textContent()).toBe('26,544');
      await page.getByLabel('output').fill('-3');
      await page.getByText('A count is a whole number').waitFor();
      expect(await page.getByLabel('output').getAttribute('aria-invalid')).toBe('true');
    });
  });

  test('suggest while one searches, and lead there by arrow and Enter', async () => {
    await look({ browser, origin: product.origin, viewport: DESK }, async ({ page }) => {
      await page.goto('/docs');
      await page.keyboard.press('/');
      await page.keyboard.type('rotate a key');
      await page.locator('.suggestions a').first().waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/docs/keys#rotate-a-key');
      await page.getByLabel('Search the docs').fill('zzzz');
      await page.getByText('Nothing has all words').waitFor();
      await page.keyboard.press('Escape');
      expect(await page.locator('.suggestions').isHidden()).toBe(true);
    });
  });

  test('copy an example as it stands', async () => {
    await look({ browser, origin: product.origin, viewport: DESK }, async ({ page }) => {
      await page.goto('/docs');
      const figure = page.locator('figure.code', { hasText: 'x-api-key' });
      await figure.getByRole('button').click();
      await figure.getByText('Copied').waitFor();
      const copied = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(copied).toContain(`curl ${product.origin}/${ALIAS}/v1/messages \\\n  -H "x-api-key: $AINOGAP_KEY" \\\n`);
      expect(copied).toBe(await figure.locator('code').textContent());
    });
  });

  test('keep the theme that was chosen, from the first paint of the next page on', async () => {
    await look({ browser, origin: product.origin, viewport: DESK, colorScheme: 'light' }, async ({ page }) => {
      await page.goto('/docs');
      const paper = (): Promise<string> => page.evaluate('getComputedStyle(document.body).backgroundColor');
      expect(await paper()).toBe('rgb(247, 247, 245)');
      await page.getByRole('button', { name: 'Show these pages dark' }).click();
      expect(await paper()).toBe('rgb(14, 17, 22)');
      await page.goto('/docs/models');
      expect(await paper()).toBe('rgb(14, 17, 22)');
    });
  });

  test('are whole without scripts: pages, search and calculator', async () => {
    await look({ browser, origin: product.origin, viewport: PHONE, javaScriptEnabled: false }, async ({ page }) => {
      await page.goto('/docs/token-classes');
      await page.getByLabel('output').fill('1000');
      await page.getByLabel('input', { exact: true }).fill('0');
      await page.getByLabel('write 5m').fill('0');
      await page.locator('input[name=cacheRead]').fill('0');
      await page.getByRole('button', { name: 'Compute' }).click();
      expect(await page.locator('[data-total]').textContent()).toBe('5,000');
      await page.getByLabel('Search the docs').fill('idempotency');
      await page.getByLabel('Search the docs').press('Enter');
      await page.getByRole('link', { name: /Keys and rotation|Console and HTTP API/ }).first().waitFor();
      expect(await page.locator('nav.contents a').first().isVisible()).toBe(true);
    });
  });
});
