/** Guessing passwords, planting sessions, and asking for what belongs to another buyer, in a browser. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, BrowserContext } from 'playwright-core';
import { SESSION_COOKIES } from '../../src/api/session-cookie.ts';
import { atLocalhost, look, openBrowser, picture } from '../support/browser.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { enter } from './enter.ts';

let gateway: ConsoleGateway;
let browser: Browser;
let origin: string;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([startConsole(), openBrowser()]);
  origin = atLocalhost(gateway.origin);
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

const sessionOf = async (context: BrowserContext): Promise<string | undefined> => (await context.cookies(origin)).find(({ name }) => name === SESSION_COOKIES.buyer)?.value;

/** As somebody who can write cookies of this host could leave it, before the victim signs in. */
const plant = async (context: BrowserContext, value: string): Promise<void> =>
  await context.addCookies([{ name: SESSION_COOKIES.buyer, value, domain: 'localhost', path: '/', secure: true, httpOnly: true, sameSite: 'Strict' }]);

test('a session that was planted is not the one that signing in begins', async () => {
  const mallorys = await gateway.signIn('buyer', gateway.buyer.name, gateway.buyer.password);
  await look({ browser, origin }, async ({ page, context }) => {
    for (const planted of ['chosen-by-somebody-else', mallorys.cookie.split('=')[1]!]) {
      await plant(context, planted);
      await enter(page, 'buyer', gateway.buyer);
      const session = await sessionOf(context);
      expect(session).toMatch(/^\S{20,}$/);
      expect(session).not.toBe(planted);
      await page.goto('/console');
      await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    }
    const first = await sessionOf(context);
    await enter(page, 'buyer', gateway.buyer);
    expect(await sessionOf(context)).not.toBe(first);
  });
  expect((await gateway.call('GET', '/buyer/me', { cookie: `${SESSION_COOKIES.buyer}=chosen-by-somebody-else` })).status).toBe(401);
});

test('what belongs to another buyer is not found by its address', async () => {
  const { product } = gateway;
  await product.json('buyer', 'create', 'umbra');
  await product.json('topup', 'umbra', '5');
  const { routeApiKey } = await product.json<{ routeApiKey: string }>('key', 'create', 'umbra');
  const answer = await fetch(`${product.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': routeApiKey, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'claude-sonnet-5-5', max_tokens: 20, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  expect([answer.status, (await answer.text()).length > 0]).toEqual([200, true]);
  const { items } = await gateway.json<{ items: { requestId: string }[] }>('GET', '/admin/requests?buyerId=buyer_2', { token: gateway.admin.token });
  const theirs = items[0]!.requestId;
  await look({ browser, origin }, async ({ page }) => {
    await enter(page, 'buyer', gateway.buyer);
    await page.goto(`/console/requests/${theirs}`);
    const words = page.locator('.notice-error');
    // But for the id that each call to the API has of its own.
    const whatIsSaid = async (): Promise<string> => {
      await words.waitFor();
      return (await words.innerText()).replaceAll(/\bapi_\w+/g, 'api_ID');
    };
    const said = await whatIsSaid();
    expect(await page.getByRole('main').innerText()).not.toMatch(/umbra|claude-sonnet|\d USDC/);
    await picture(page, 'receipt-of-another-buyer-is-not-found');
    // Word for word what is said of one that nobody has.
    const nobodys = theirs.replace(/.{4}$/, (end) => (end === '0000' ? '1111' : '0000'));
    await page.goto(`/console/requests/${nobodys}`);
    expect(await whatIsSaid()).toBe(said);
    // The operator's pages ask for another sign-in: a buyer's session opens none of them.
    await page.goto('/console/admin/buyers/buyer_2');
    await page.waitForURL('**/console/admin/login*');
    expect(await page.locator('body').innerText()).not.toContain('umbra');
  });
});

// The last test: it locks the account.
test('after some wrong passwords the right one is refused too, with words', async () => {
  await look({ browser, origin }, async ({ page }) => {
    await page.goto('/console/login');
    await page.getByLabel('Name').fill(gateway.buyer.name);
    await page.getByLabel('Password').fill('not the right one at all');
    await page.getByRole('button', { name: 'Sign in' }).click();
    const words = page.locator('.notice-error');
    await words.waitFor();
    expect(await words.innerText()).toMatch(/name or( the)? password/i);
    await page.getByLabel('Password').fill(gateway.buyer.password);
    // The fourth of these locks the account for two seconds, from this address, and the next for four: a click takes less.
    const wrong = async (): Promise<number> => (await gateway.call('POST', '/buyer/login', { body: { name: gateway.buyer.name, password: 'wrong', transport: 'token' } })).status;
    for (let i = 0; i < 4; i++) await wrong();
    while ((await wrong()) !== 401) await page.waitForTimeout(100);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText(/too many/i).waitFor();
    expect(await words.innerText()).toMatch(/\d+ s(econds?)?\b|try again/i);
    await picture(page, 'sign-in-refused-after-wrong-passwords');
    expect(page.url()).toContain('/console/login');
  });
});
