/** An operator's first day, by the pages alone: from the invitation to a verified ledger. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Locator, Page } from 'playwright-core';
import { SESSION_COOKIES } from '../../src/api/session-cookie.ts';
import { atLocalhost, look, openBrowser, picture, violations } from '../support/browser.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { settled } from './all-pages.ts';

const MODEL = 'claude-sonnet-5-5';
const ADMIN = 'olga';
const PASSWORD = 'saffron bridge 7340 oboe';

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

const ask = (route: string, key: string, model = MODEL): Promise<Response> =>
  fetch(`${gateway.product.origin}/${route}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model, max_tokens: 40, messages: [{ role: 'user', content: 'Hi' }] }),
  });

const statusOf = async (answer: Promise<Response>): Promise<number> => {
  const response = await answer;
  await response.text();
  return response.status;
};

async function open(page: Page, label: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: label, exact: true }).click();
  await page.getByRole('heading', { name: label, level: 1 }).waitFor();
  await settled(page);
}

async function openTab(page: Page, name: string): Promise<void> {
  await page.getByRole('tab', { name, exact: true }).click();
  await settled(page);
}

/** Fills the dialog that is open, sends it, and waits until it is gone. */
async function fill(page: Page, fields: Readonly<Record<string, string>>, submit: string | RegExp): Promise<void> {
  const dialog = page.getByRole('dialog');
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label, { exact: true }).fill(value);
  await dialog.getByRole('button', { name: submit }).click();
}

/** What is shown once; it takes the tick before Done can be pressed. */
async function takeSecret(page: Page): Promise<string> {
  const dialog = page.getByRole('dialog').filter({ hasText: 'It is shown only once' });
  const secret = (await dialog.locator('pre').innerText()).trim();
  const done = dialog.getByRole('button', { name: 'Done' });
  expect(await done.isDisabled()).toBe(true);
  await dialog.getByLabel('I have stored it').check();
  await done.click();
  await dialog.waitFor({ state: 'detached' });
  return secret;
}

const figure = (page: Page, label: string): Locator => page.locator('dl > div').filter({ has: page.getByText(label, { exact: true }) });

/** Waits until the text is there; the page asks again by itself. */
const shows = (place: Locator, text: string | RegExp): Promise<void> => place.filter({ hasText: text }).first().waitFor();

test('invites, sells, changes prices, rotates, verifies, and finds all of it in the audit log', async () => {
  const { url } = await gateway.product.json<{ url: string }>('admin', 'invite', ADMIN);
  await look({ browser, origin }, async ({ page, context }) => {
    // The link names the configured port; this process listens on another.
    const { pathname, hash } = new URL(url);
    await page.goto(`${pathname}${hash}`);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.getByLabel('Password again').fill(PASSWORD);
    await page.getByRole('button', { name: /Set password/ }).click();
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    expect(page.url()).toBe(`${origin}/console/admin`);

    // A buyer.
    await open(page, 'Buyers');
    await page.getByRole('button', { name: 'Create buyer' }).click();
    await fill(page, { Name: 'umbra' }, 'Create buyer');
    await page.getByRole('heading', { name: 'umbra', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Invite' }).click();
    await fill(page, {}, 'Make a link');
    const link = await takeSecret(page);
    expect(link).toMatch(/\/console\/invite#\S{20,}$/);
    expect(await page.content()).not.toContain(link.split('#')[1]);

    // Money, to the millionth.
    await page.getByRole('button', { name: 'Top up' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Amount, USDC').fill('1.1234567');
    expect(await dialog.getByRole('button', { name: /^Top up/ }).isDisabled()).toBe(true);
    await dialog.getByLabel('Amount, USDC').fill('12.345678');
    await shows(dialog.locator('.balance-preview'), '0.00 → 12.3');
    await dialog.getByLabel('Reference').fill('invoice 1');
    await dialog.getByRole('button', { name: 'Top up 12.345678 USDC' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Adjust' }).click();
    await fill(page, { 'Amount, USDC': '-2.345678', Reason: 'a correction' }, /^Adjust by/);
    await dialog.waitFor({ state: 'detached' });
    await shows(figure(page, 'Balance'), '10.00');
    await openTab(page, 'Ledger');
    for (const amount of ['12.345678', '2.345678']) await shows(page.getByRole('row'), amount);

    // A key of its own.
    await openTab(page, 'Keys');
    await page.getByRole('button', { name: 'Create key' }).click();
    await fill(page, { Label: 'prod' }, 'Create key');
    const key = await takeSecret(page);

    // A route at a multiple of the list.
    await open(page, 'Routes');
    await page.getByRole('button', { name: 'Create route' }).click();
    await dialog.getByLabel('Upstream').selectOption('simulator');
    await fill(page, { Alias: 'gold', Multiplier: '1.5' }, 'Create route');
    await page.getByRole('heading', { name: 'gold', level: 1 }).waitFor();
    expect(await statusOf(ask('gold', key))).toBe(200);

    // Requests arrive while one looks, and a disabled buyer's are refused.
    await open(page, 'Overview');
    await page.getByText('Live', { exact: true }).waitFor();
    const traffic = page.getByRole('table', { name: 'Requests that run, then those that ended last' });
    await shows(traffic.getByRole('row'), /umbra/);
    const rows = await traffic.getByRole('row').count();
    expect(await statusOf(ask('gold', key))).toBe(200);
    await traffic.getByRole('row').nth(rows).waitFor();
    await picture(page, 'admin-overview-with-live-traffic');
    await open(page, 'Buyers');
    await page.getByRole('link', { name: 'umbra' }).click();
    for (const [label, confirm, status] of [['Disable', 'Disable now', 401], ['Enable', 'Enable', 200]] as const) {
      await page.getByRole('button', { name: label, exact: true }).click();
      await fill(page, {}, confirm);
      await dialog.waitFor({ state: 'detached' });
      expect([label, await statusOf(ask('gold', key))]).toEqual([label, status]);
    }

    // Another price: looked at before it is made.
    const cards = (): unknown => gateway.product.read((db) => db.prepare('SELECT count(*) FROM price_cards').pluck().get());
    const before = cards();
    await open(page, 'Routes');
    await page.getByRole('link', { name: 'gold' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await dialog.getByRole('button', { name: 'List × multiplier' }).click();
    await fill(page, { Multiplier: '0.9' }, 'Review the change');
    await dialog.getByText('Below list, so that').waitFor();
    await dialog.getByRole('table', { name: new RegExp(MODEL) }).waitFor();
    await picture(page, 'admin-route-change-below-list');
    expect(await violations(page)).toEqual([]);
    expect(cards()).toBe(before);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await fill(page, { Multiplier: '2' }, 'Review the change');
    await dialog.getByRole('button', { name: 'Change now' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(cards()).not.toBe(before);
    await settled(page);
    // The simulator's book says 25 for a million tokens of output.
    await shows(page.getByRole('row'), /output.*50\.00/s);

    // A new secret in place of the old one.
    await open(page, 'Keys');
    await page.getByRole('button', { name: 'Rotate prod of umbra' }).click();
    await fill(page, {}, 'Rotate now');
    const fresh = await takeSecret(page);
    expect([await statusOf(ask('gold', key)), await statusOf(ask('gold', fresh))]).toEqual([401, 200]);

    await open(page, 'Ledger');
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Everything agrees').waitFor();

    await open(page, 'Audit');
    const actions = ['buyer.create', 'invite.create', 'invite.accept', 'ledger.deposit', 'ledger.adjust', 'buyer.disable', 'buyer.enable', 'key.create', 'key.rotate', 'route.create', 'route.change'];
    for (const action of actions) {
      const entry = page.getByRole('row').filter({ hasText: action }).filter({ hasText: ADMIN });
      await shows(entry, /from 127\.0\.0\.1|from ::1/);
    }
    await picture(page, 'admin-audit');
    const written = await page.getByRole('main').innerText();
    for (const secret of [link.split('#')[1]!, key, fresh]) expect(written).not.toContain(secret);

    await open(page, 'Settings');
    await page.getByLabel('Search').fill('listen');
    await shows(page.getByRole('row'), '127.0.0.1');

    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForURL('**/console/admin/login*');
    expect((await context.cookies(origin)).filter(({ name }) => name === SESSION_COOKIES.admin)).toEqual([]);
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.locator('body').innerText()).not.toContain('umbra');
  });
});
