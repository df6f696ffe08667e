/** What a buyer does in the console, in a real browser against the built gateway. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atLocalhost, look, openBrowser, picture } from '../support/browser.ts';
import { BUYER, startProduct, type Product } from '../support/product.ts';
import { runProgram } from '../support/run-program.ts';
import { addedUp, fillSignIn, invitation, micros, MODEL, shownBalance, signOut, toPage } from './as-buyer.ts';

const PASSWORD = 'glacier tundra 4711 violin';
const TOPPED_UP = 50_000_000n;
/** The chart is brought up to date every few seconds. */
const SPEND_MAX_MS = 15_000;
/** Of test/support/product.ts, in micro-USDC per token. */
const PRICES = { input: 5, output: 25, write: 6.25, read: 0.5 };

interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_creation_input_tokens: number;
  readonly cache_read_input_tokens: number;
}

let product: Product;
let browser: Browser;
let origin: string;
beforeAll(async () => {
  [product, browser] = await Promise.all([startProduct(), openBrowser()]);
  await product.server.printed(/^docs /m);
  origin = atLocalhost(product.origin);
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

/** A request of the buyer's program. Long enough to be cached. */
const ask = (key: string): Promise<Response> =>
  fetch(`${product.baseUrl}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: MODEL,
      max_tokens: 300,
      system: [{ type: 'text', text: 'The manual says the same thing again. '.repeat(2000), cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: 'What does the manual say?' }],
    }),
  });

function chargeOf(usage: Usage): bigint {
  const exact = usage.input_tokens * PRICES.input + usage.output_tokens * PRICES.output + usage.cache_creation_input_tokens * PRICES.write + usage.cache_read_input_tokens * PRICES.read;
  return BigInt(Math.ceil(exact));
}

describe("a buyer's day", () => {
  test('from the invitation to the sign-out: a live charge, a rotation, a receipt that adds up', async () => {
    await look({ browser, origin }, async ({ page, context }) => {
      await refusesWeakPasswords(page, await invitation(product, 'buyer', BUYER));
      await page.getByRole('button', { name: 'Set password and sign in' }).click();
      await page.getByText('No requests yet').waitFor();
      expect(page.url()).toBe(`${origin}/console`);
      expect(await shownBalance(page)).toBe(TOPPED_UP);
      await page.evaluate('globalThis.sameDocument = true');

      const answer = await ask(product.key);
      const { usage } = (await answer.json()) as { usage: Usage };
      expect(usage.cache_creation_input_tokens).toBeGreaterThan(0);
      const charge = chargeOf(usage);
      await page.getByRole('table', { name: 'Latest receipts' }).getByText('completed').waitFor();
      await expect.poll(() => shownBalance(page)).toBe(TOPPED_UP - charge);
      const spend = page.locator('section', { has: page.getByRole('heading', { name: 'Spend' }) });
      await expect.poll(() => spend.innerText(), { timeout: SPEND_MAX_MS }).toContain((Number(charge) / 1e6).toFixed(2));
      expect(await page.evaluate('globalThis.sameDocument')).toBe(true);
      await picture(page, 'buyer-overview-after-the-first-charge');

      await page.getByRole('table', { name: 'Latest receipts' }).getByRole('link').first().click();
      await page.getByRole('heading', { name: 'Receipt' }).waitFor();
      const receipt = await addedUp(page);
      expect(receipt.chargeMicros).toBe(charge);
      expect(Object.values(receipt.tokens)).toEqual([usage.input_tokens, usage.output_tokens, usage.cache_creation_input_tokens, 0, usage.cache_read_input_tokens].map(BigInt));
      await picture(page, 'buyer-receipt');

      await rotates(page);
      await opensTheStatement(page, charge);

      await signOut(page);
      expect((await context.cookies()).map(({ name }) => name)).toEqual([]);
      await page.goBack();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await page.locator('body').innerText()).not.toMatch(/50\.00|Statement|rk_|default/);
    });
  });

  test('the example on Connect runs as it was copied, and Try it shows what its receipt shows', async () => {
    const key = (await product.json<{ routeApiKey: string }>('key', 'create', BUYER, '--label', 'ci')).routeApiKey;
    await look({ browser, origin }, async ({ page }) => {
      await page.goto('/login');
      await fillSignIn(page, BUYER, PASSWORD);
      await page.getByRole('heading', { name: 'Overview' }).waitFor();
      await toPage(page, 'Connect');
      await page.getByRole('button', { name: 'Copy example' }).click();
      await page.getByText('Copied').waitFor();
      const example = await page.evaluate<string>('navigator.clipboard.readText()');
      expect(example).toContain(`${product.baseUrl.replace(product.origin, '')}/v1/messages`);
      const ran = await runProgram('sh', ['-c', onThisPort(example)], { cwd: product.folder, env: { ...product.env, AINOGAP_KEY: key } });
      expect(JSON.parse(ran.stdout), ran.stderr).toMatchObject({ type: 'message', role: 'assistant' });

      await page.getByRole('button', { name: /^Send to / }).click();
      await page.getByRole('link', { name: /^Open the receipt/ }).waitFor();
      expect((await page.locator('.answer').innerText()).length).toBeGreaterThan(20);
      const bill = await addedUp(page);
      expect(Object.keys(bill.tokens)).toHaveLength(5);
      expect(bill.chargeMicros).toBeGreaterThan(0n);
      expect(bill.chargeMicros).toBeLessThanOrEqual(20_000n);
      await picture(page, 'buyer-connect-after-a-try');
      await page.getByRole('link', { name: /^Open the receipt/ }).click();
      await page.getByRole('heading', { name: 'Receipt' }).waitFor();
      expect(await addedUp(page)).toEqual(bill);

      await toPage(page, 'Keys');
      await page.getByRole('table', { name: 'Keys' }).getByText('default').first().waitFor();
      // The first key, the one it was rotated to, and the one made above: the key of the try is none of them.
      expect(await page.getByRole('table', { name: 'Keys' }).locator('tbody tr').count()).toBe(3);
    });
  });
});

/** Leaves the form with a good password. */
async function refusesWeakPasswords(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByRole('heading', { name: `Welcome, ${BUYER}` }).waitFor();
  expect(page.url()).toBe(`${origin}/console/invite`);
  const fill = async (password: string): Promise<void> => {
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByLabel('Password again').fill(password);
  };
  const submit = page.getByRole('button', { name: 'Set password and sign in' });
  await fill('short');
  expect(await submit.isDisabled()).toBe(true);
  await fill('passwordpassword');
  await submit.click();
  expect(await page.getByRole('alert').innerText()).toMatch(/guess|common|weak/i);
  await picture(page, 'invitation-with-a-weak-password');
  await fill(PASSWORD);
}

async function rotates(page: Page): Promise<void> {
  await toPage(page, 'Keys');
  await page.getByRole('button', { name: 'Rotate default' }).click();
  await page.getByRole('button', { name: 'Rotate now' }).click();
  await page.getByText('Your browser session is updated automatically').waitFor();
  const rotated = await page.getByLabel('new key', { exact: true }).innerText();
  expect((await ask(product.key)).status).toBe(401);
  expect((await ask(rotated)).status).toBe(200);
  const done = page.getByRole('button', { name: 'Done' });
  expect(await done.isDisabled()).toBe(true);
  await page.keyboard.press('Escape');
  expect(await page.getByRole('dialog').count()).toBe(1);
  await picture(page, 'buyer-new-key-after-a-rotation');
  await page.getByText('I have stored it').click();
  await done.click();
  // Still signed in, and what was shown once is gone.
  await page.getByRole('table', { name: 'Keys' }).getByText('revoked').waitFor();
  expect(await page.content()).not.toContain(rotated);
}

async function opensTheStatement(page: Page, atLeast: bigint): Promise<void> {
  await toPage(page, 'Statements');
  await page.getByRole('table', { name: 'Statements' }).getByRole('link').first().click();
  const days = page.getByRole('table', { name: 'Usage by day' });
  await days.waitFor();
  const total = (await days.locator('tfoot').innerText()).trim().split(/\s+/).at(-1) ?? '';
  expect(micros(total)).toBeGreaterThan(atLeast);
  await picture(page, 'buyer-statement');
}

/** The configuration has another port than the test: everything else of an example stands as it is. */
const onThisPort = (text: string): string => text.replace(/http:\/\/127\.0\.0\.1:\d+/, product.origin);
