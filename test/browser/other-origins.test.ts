/** What a page of somebody else can do to those who are signed in here: nothing. */
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { atLocalhost, look, openBrowser, type Looked } from '../support/browser.ts';
import { startConsole, type ConsoleGateway } from '../support/console-gateway.ts';
import { enter } from './enter.ts';

let gateway: ConsoleGateway;
let browser: Browser;
let origin: string;
let stranger: http.Server;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([startConsole(), openBrowser()]);
  origin = atLocalhost(gateway.origin);
  stranger = http.createServer((request, response) => response.setHeader('content-type', 'text/html').end(`<!doctype html><title>elsewhere</title><p>A page of somebody else, at ${request.url}`));
  await new Promise<void>((resolve) => void stranger.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await browser?.close();
  stranger?.closeAllConnections();
  stranger?.close();
  await gateway?.stop();
});

const elsewhere = (host: string): string => `http://${host}:${(stranger.address() as AddressInfo).port}`;

/** All that a request could change: accounts, keys, money, sessions, and what the audit log has. */
const state = (): unknown =>
  gateway.product.read((db) => ['buyers', 'keys', 'transfers', 'requests', 'admin_tokens', 'logins', 'routes', 'audit', 'sessions WHERE ended_at IS NULL'].map((rows) => [rows, db.prepare(`SELECT count(*) FROM ${rows}`).pluck().get()]));

/** As a browser keeps them, of the console's origin only. */
const cookies = async (context: BrowserContext): Promise<string[]> => (await context.cookies(origin)).map(({ name, value }) => `${name}=${value}`).toSorted();

const lookFromElsewhere = <T>(use: (looked: Looked) => Promise<T>): Promise<T> =>
  look({ browser, origin }, async (looked) => {
    // The requests to other origins are the test, and the browser complains of those it refuses.
    looked.watch.allow(/another origin|CORS|blocked|Refused|ERR_|frame-ancestors|X-Frame-Options|status of 4\d\d/i);
    return await use(looked);
  });

interface Attempted {
  readonly path: string;
  readonly body: unknown;
}
const CHANGES: readonly Attempted[] = [
  { path: '/admin/buyers', body: { name: 'mallory' } },
  { path: '/admin/buyers/buyer_1/top-ups', body: { amountUsdMicros: 1_000_000 } },
  { path: '/admin/tokens', body: { label: 'mallory' } },
  { path: '/admin/logout', body: {} },
  { path: '/buyer/rotate-api-key', body: {} },
  { path: '/buyer/keys', body: { label: 'mallory' } },
  { path: '/buyer/try', body: { route: 'claude', model: 'claude-sonnet-5-5', prompt: 'hi' } },
  { path: '/buyer/logout', body: {} },
];

/** With the cookies, as the three kinds of body that a page may send elsewhere without asking, and as JSON, which asks first. */
async function fetchAcross(page: Page, attempts: readonly Attempted[]): Promise<string[]> {
  return await page.evaluate(
    async ([target, list]) => {
      const readable: string[] = [];
      for (const { path, body } of list)
        for (const [mode, type] of [['no-cors', 'text/plain'], ['no-cors', 'application/x-www-form-urlencoded'], ['cors', 'application/json']] as const)
          await fetch(`${target}${path}`, { method: 'POST', mode, credentials: 'include', headers: { 'content-type': type }, body: JSON.stringify(body) }).then(
            (answer) => answer.type !== 'opaque' && readable.push(path),
            () => undefined,
          );
      return readable;
    },
    [origin, attempts] as const,
  );
}

/** A form whose only field is so named and valued that its text/plain body is JSON; it navigates the page. */
async function submitForm(page: Page, { path, body }: Attempted): Promise<void> {
  const [name, value] = [`${JSON.stringify(body).slice(0, -1)}${Object.keys(body as object).length === 0 ? '' : ','}"x":"`, '"}'];
  const answered = page.waitForResponse((response) => response.url() === `${origin}${path}`);
  await page.evaluate(`(() => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: ${JSON.stringify(`${origin}${path}`)}, enctype: 'text/plain' });
    form.append(Object.assign(document.createElement('input'), { name: ${JSON.stringify(name)}, value: ${JSON.stringify(value)} }));
    document.body.append(form);
    form.submit();
  })()`);
  expect((await answered).status(), path).toBeGreaterThanOrEqual(400);
  await page.waitForURL(`${origin}${path}`);
}

// To the browser, another port of the same host is the same site: it sends SameSite=Strict cookies along. Only the origin tells.
describe.each([['another port', 'localhost'], ['another host', '127.0.0.1']])('a page at %s', (_, host) => {
  let before: unknown;

  const signedIn = async ({ page, context }: Looked): Promise<string[]> => {
    await enter(page, 'buyer', gateway.buyer);
    await enter(page, 'admin', gateway.admin);
    before = state();
    await page.goto(elsewhere(host));
    return await cookies(context);
  };

  test('changes nothing and reads nothing by scripts', async () => {
    await lookFromElsewhere(async (looked) => {
      const had = await signedIn(looked);
      expect(had).toHaveLength(2);
      expect(await fetchAcross(looked.page, CHANGES)).toEqual([]);
      const read = await looked.page.evaluate(async (target) => await fetch(`${target}/buyer/me`, { credentials: 'include' }).then((answer) => answer.text(), () => 'refused'), origin);
      expect(read).toBe('refused');
      expect(await cookies(looked.context)).toEqual(had);
    });
    expect(state()).toEqual(before);
  });

  test('changes nothing by forms and by links', async () => {
    await lookFromElsewhere(async (looked) => {
      const had = await signedIn(looked);
      for (const attempt of CHANGES) {
        await looked.page.goto(elsewhere(host));
        await submitForm(looked.page, attempt);
      }
      for (const path of ['/buyer/logout', '/admin/logout', '/buyer/rotate-api-key', '/admin/verify', '/console/admin/buyers?create=1', '/admin/buyers/buyer_1/disable']) {
        await looked.page.goto(elsewhere(host));
        await looked.page.evaluate(`void location.assign(${JSON.stringify(`${origin}${path}`)})`);
        await looked.page.waitForURL(`${origin}/**`);
      }
      expect(await cookies(looked.context)).toEqual(had);
    });
    expect(state()).toEqual(before);
  });

  test('cannot sign a visitor in as somebody else', async () => {
    await lookFromElsewhere(async ({ page, context }) => {
      await page.goto(elsewhere(host));
      const { name, password } = gateway.buyer;
      const login = { path: '/buyer/login', body: { name, password, transport: 'cookie' } };
      before = state();
      await fetchAcross(page, [login]);
      await submitForm(page, login);
      expect(await cookies(context)).toEqual([]);
    });
    expect(state()).toEqual(before);
  });

  test('cannot frame any page of ours', async () => {
    await lookFromElsewhere(async (looked) => {
      await signedIn(looked);
      const { page } = looked;
      for (const path of ['/console', '/console/keys', '/console/login', '/console/admin', '/docs', '/buyer/me', '/login']) {
        await page.evaluate(`new Promise((resolve) => {
          const frame = document.createElement('iframe');
          frame.addEventListener('load', () => resolve());
          frame.src = ${JSON.stringify(`${origin}${path}`)};
          document.body.replaceChildren(frame);
        })`);
        const frame = page.frames()[1]!;
        expect([path, frame.url()]).toEqual([path, 'chrome-error://chromewebdata/']);
      }
    });
  });
});

test('the same requests do work from a page of the console: the refusals above are of the origin', async () => {
  await look({ browser, origin }, async ({ page }) => {
    await enter(page, 'admin', gateway.admin);
    const status = await page.evaluate(async () => (await fetch('/admin/buyers', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"mallory"}' })).status);
    expect(status).toBe(201);
  });
});
