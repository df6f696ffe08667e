/** What the console costs to load, and what it shows while the gateway is away. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { look, openBrowser, picture } from '../support/browser.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { fillSignIn } from './as-buyer.ts';

const BUDGET_BYTES = 250_000;
/** The page asks again after 2, 4, 8, 16, 30 seconds. */
const AWAY_MAX_MS = 45_000;

let gateway: ConsoleGateway;
let browser: Browser;
/** Of a buyer who is signed in. */
let storageState: Awaited<ReturnType<BrowserContext['storageState']>>;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([startConsole(), openBrowser()]);
  storageState = await look({ browser, origin: gateway.origin }, async ({ page, context }) => {
    await page.goto('/login');
    await fillSignIn(page, gateway.buyer.name, gateway.buyer.password);
    await isLive(page);
    return await context.storageState();
  });
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

const isLive = (page: Page, timeout?: number): Promise<void> => page.getByText('Live', { exact: true }).waitFor(timeout === undefined ? {} : { timeout });

describe('the console', () => {
  test('loads with less than 250 kB over the wire, and with its figures', async () => {
    await look({ browser, origin: gateway.origin, storageState }, async ({ page, context }) => {
      let bytes = 0;
      const network = await context.newCDPSession(page);
      await network.send('Network.enable');
      network.on('Network.loadingFinished', ({ encodedDataLength }) => void (bytes += encodedDataLength));
      await page.goto('/console');
      await isLive(page);
      await page.getByText('50.00').first().waitFor();
      // More than the page alone: the scripts were counted.
      expect(bytes).toBeGreaterThan(20_000);
      expect(bytes).toBeLessThan(BUDGET_BYTES);
    });
  });

  test('paints its layout before the API has answered anything', async () => {
    await look({ browser, origin: gateway.origin, storageState }, async ({ page }) => {
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      await page.route('**/buyer/**', async (route) => {
        await answered;
        await route.continue();
      });
      await page.goto('/console', { waitUntil: 'commit' });
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Keys' }).waitFor();
      await page.getByText('Held', { exact: true }).waitFor();
      expect(await page.evaluate('performance.getEntriesByName("first-contentful-paint").length')).toBe(1);
      expect(await page.locator('body').innerText()).not.toContain('50.00');
      await picture(page, 'buyer-overview-before-any-answer');
      const places = (): Promise<unknown> => page.evaluate('["h1", ".figure-large", ".figures"].map((each) => document.querySelector(each).getBoundingClientRect().top)');
      const before = await places();
      answer();
      await page.getByText('50.00').first().waitFor();
      expect(await places()).toEqual(before);
    });
  });

  test('says since when its figures are old while the gateway is away, and is live again by itself', async () => {
    await look({ browser, origin: gateway.origin, storageState }, async ({ page, watch }) => {
      watch.allow(/net::ERR_/);
      await page.goto('/console');
      await isLive(page);
      const port = new URL(gateway.origin).port;
      await gateway.product.server.stop();
      await page.getByText(/Live updates paused\. Figures as of \d\d:\d\d:\d\d/).waitFor();
      expect(await page.getByText('50.00').first().isVisible()).toBe(true);
      await picture(page, 'buyer-overview-while-the-gateway-is-away');
      await gateway.product.serve('--port', port);
      await isLive(page, AWAY_MAX_MS);
      await expect.poll(() => page.getByText('Live updates paused').count()).toBe(0);
    });
  });
});
