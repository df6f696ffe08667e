/**
 * Stored cross-site scripting: markup in every field that a buyer, a client or an operator can choose, planted by the
 * ways that really lead there, then every page of both consoles is opened. The policy would stop such a script; what is
 * shown here is that no markup of others ever becomes an element at all.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Browser, Page } from 'playwright-core';
import { atLocalhost, look, openBrowser } from '../support/browser.ts';
import { startConsole, type ConsoleGateway, type SignedInOverHttp } from '../support/console-gateway.ts';
import { openDatabase } from '../../src/db/open.ts';
import { allPages, settled, visit } from './all-pages.ts';
import { enter } from './enter.ts';

/** Unlike in each field, so that a page tells which of them it shows. */
const evil = (field: string): string => `"'><img src=x id=${field} onerror=pwned(1)>`;
const BUYER_PASSWORD = 'marble canyon 2209 trumpet';

let gateway: ConsoleGateway;
let browser: Browser;
let origin: string;
let victim: SignedInOverHttp;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([startConsole(), openBrowser()]);
  origin = atLocalhost(gateway.origin);
  victim = await plant();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.stop();
});

/** Makes a buyer and an admin of such names, and all that they can name. */
async function plant(): Promise<SignedInOverHttp> {
  const { product } = gateway;
  const admin = { token: gateway.admin.token };
  const name = evil('buyer');
  await product.json('buyer', 'create', name);
  const { items: buyers } = await gateway.json<{ items: { buyerId: string; name: string }[] }>('GET', '/admin/buyers', admin);
  const { buyerId } = buyers.find((buyer) => buyer.name === name)!;
  await gateway.json('POST', `/admin/buyers/${buyerId}/top-ups`, { ...admin, body: { amountUsdMicros: 5_000_000, reference: evil('reference') } });
  await gateway.json('POST', `/admin/buyers/${buyerId}/adjustments`, { ...admin, body: { amountUsdMicros: 1, reason: evil('reason') } });
  await gateway.json('POST', '/admin/admins', { ...admin, body: { name: evil('admin') } });
  await gateway.json('POST', '/admin/tokens', { ...admin, body: { label: evil('token'), expiresInDays: 1 } });
  const { item: key } = await gateway.json<{ item: { routeApiKey: string } }>('POST', `/admin/buyers/${buyerId}/keys`, { ...admin, body: { label: evil('key') } });
  for (const model of ['claude-sonnet-5-5', evil('model')])
    await (
      await fetch(`${product.baseUrl}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': key.routeApiKey, 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'user-agent': evil('client') },
        body: JSON.stringify({ model, max_tokens: 20, system: evil('system'), messages: [{ role: 'user', content: evil('prompt') }] }),
      })
    ).text();
  const { url } = await product.json<{ url: string }>('buyer', 'invite', name);
  const agent = { 'user-agent': evil('agent') };
  await gateway.json('POST', '/buyer/invite/accept', { body: { token: url.split('#')[1], password: BUYER_PASSWORD, transport: 'token' }, headers: agent });
  for (const [kind, account] of [['buyer', { name, password: BUYER_PASSWORD }], ['admin', gateway.admin]] as const) {
    await gateway.call('POST', `/${kind}/login`, { body: { name: account.name, password: account.password, transport: 'token' }, headers: agent });
    await gateway.call('POST', `/${kind}/login`, { body: { name: evil('guess'), password: 'wrong horse battery 12', transport: 'token' } });
  }
  labelPasskeys();
  return await gateway.signIn('buyer', name, BUYER_PASSWORD);
}

/** A passkey of each login, whose label anyone with the session may choose: here without the ceremony. */
function labelPasskeys(): void {
  const db = openDatabase(gateway.product.database, { mode: 'write' });
  try {
    db.prepare("INSERT INTO passkeys(login_id, credential_id, public_key, counter, transports, label, created_at) SELECT id, 'c' || id, x'00', 0, '[]', ?, ? FROM logins").run(evil('passkey'), Date.now());
  } finally {
    db.close();
  }
}

/** Everything of the page as text, and fails if anything of it became an element or a script that ran. */
async function shown(page: Page): Promise<string> {
  const text = await page.evaluate<string>("document.body.innerText + [...document.querySelectorAll('input, option')].map((field) => field.value + field.textContent).join(' ')");
  const planted = await page.locator('img[src=x], [onerror]').count();
  expect([page.url(), planted]).toEqual([page.url(), 0]);
  return text;
}

/** Which fields are to be read on some page, exactly as they were written. */
const readable = (texts: readonly string[], fields: readonly string[]): string[] => fields.filter((field) => texts.some((text) => text.includes(evil(field))));

async function tour(kind: 'buyer' | 'admin', who: SignedInOverHttp, visitMore: (page: Page, texts: string[]) => Promise<void>): Promise<string[]> {
  const paths = (await allPages(gateway))[kind];
  return await look({ browser, origin, userAgent: evil('browser') }, async ({ page }) => {
    await page.exposeFunction('pwned', () => {
      throw new Error('a planted script ran');
    });
    await enter(page, kind, who);
    const texts: string[] = [];
    for (const path of paths) {
      await visit(page, path);
      texts.push(await shown(page));
    }
    await visitMore(page, texts);
    return texts;
  });
}

test('the buyer’s pages show markup in names as it was written', async () => {
  const texts = await tour('buyer', victim, async (page, found) => {
    const { items } = await gateway.json<{ items: { requestId: string }[] }>('GET', '/buyer/requests', { token: victim.token });
    for (const { requestId } of items) {
      await visit(page, `/console/requests/${requestId}`);
      found.push(await shown(page));
    }
    await visit(page, '/console/keys');
    await page.getByRole('button', { name: /^Rotate/ }).first().click();
    found.push(await shown(page));
  });
  const fields = ['buyer', 'key', 'reference', 'reason', 'passkey'];
  expect(readable(texts, fields)).toEqual(fields);
});

test('the operator’s pages show markup in names as it was written', async () => {
  const texts = await tour('admin', gateway.admin, async (page, found) => {
    await visit(page, '/console/admin/buyers');
    await page.getByRole('link', { name: evil('buyer') }).click();
    for (const tab of ['Usage', 'Requests', 'Keys', 'Ledger', 'Statements', 'Audit']) {
      await page.getByRole('tab', { name: tab }).click();
      await settled(page);
      found.push(await shown(page));
    }
    await page.getByRole('button', { name: 'Top up' }).click();
    found.push(await shown(page));
    for (const docs of ['/docs', '/docs/api', `/docs/search?q=${encodeURIComponent(evil('query'))}`]) {
      await page.goto(docs);
      found.push(await shown(page));
    }
  });
  const fields = ['buyer', 'key', 'admin', 'token', 'reference', 'reason', 'passkey', 'query'];
  expect(readable(texts, fields)).toEqual(fields);
});

test('an address cannot bring markup or a script either', async () => {
  await look({ browser, origin }, async ({ page }) => {
    await enter(page, 'buyer', victim);
    for (const path of [`/console/requests/${encodeURIComponent(evil('id'))}`, `/console/statements/${encodeURIComponent(evil('month'))}`, `/console/requests?model=${encodeURIComponent(evil('filter'))}`, '/console/login?next=javascript:pwned(1)', '/console/login?next=//evil.example/']) {
      await visit(page, path);
      await shown(page);
    }
  });
});
