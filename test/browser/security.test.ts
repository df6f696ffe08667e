/** Passwords, authenticators, recovery codes, passkeys and sessions in a real browser. */
import { Secret, TOTP } from 'otpauth';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { atLocalhost, look, openBrowser, picture } from '../support/browser.ts';
import { BUYER, startProduct, type Product } from '../support/product.ts';
import { acceptInvitation, fillSignIn, invitation, signOut, toPage } from './as-buyer.ts';

const FIRST = 'glacier tundra 4711 violin';
const SECOND = 'harbour lantern 1138 cello';
const STEP_MS = 30_000;

let product: Product;
let browser: Browser;
let origin: string;
beforeAll(async () => {
  [product, browser] = await Promise.all([startProduct({ topup: null }), openBrowser()]);
  await product.server.printed(/^docs /m);
  origin = atLocalhost(product.origin);
});
afterAll(async () => {
  await browser?.close();
  await product?.stop();
});

const overview = (page: Page): Promise<void> => page.getByRole('heading', { name: 'Overview' }).waitFor();
const refusal = (page: Page): Promise<string> => page.getByRole('alert').innerText();

describe('the security page', () => {
  test('a change of the password ends the other session and no other thing', async () => {
    await look({ browser, origin }, async ({ page }) => {
      await acceptInvitation(page, await invitation(product, 'buyer', BUYER), FIRST);
      await look({ browser, origin }, async ({ page: other }) => {
        await other.goto('/login');
        await fillSignIn(other, BUYER, FIRST);
        await overview(other);
        await toPage(page, 'Security');
        await page.getByRole('button', { name: 'Change password' }).click();
        await page.getByLabel('Current password').fill(FIRST);
        await page.getByLabel('New password').fill(SECOND);
        await page.getByRole('dialog').getByRole('button', { name: 'Change password' }).click();
        await page.getByText('Your other sessions have ended').waitFor();
        // Its stream says so: the page leaves by itself.
        await other.getByRole('heading', { name: 'Sign in' }).waitFor();
        await fillSignIn(other, BUYER, FIRST);
        expect(await refusal(other)).toContain('password');
      });
      // The stream of the session that ended goes on with the one that the change began.
      await page.getByRole('table', { name: 'Sessions' }).getByText('this one').waitFor();
      await page.getByText('Live', { exact: true }).waitFor();
      expect(page.url()).toBe(`${origin}/console/security`);
      await page.reload();
      await page.getByRole('heading', { name: 'Security' }).waitFor();
    });
  });

  test('an authenticator is asked for, its codes work once, and so do recovery codes', async () => {
    await look({ browser, origin }, async ({ page }) => {
      await page.goto('/login');
      await fillSignIn(page, BUYER, SECOND);
      await overview(page);
      const { totp, recoveryCode } = await setUpAuthenticator(page);
      await signOut(page);
      // The first code confirmed the app, so its step is used up; the step after it is allowed too.
      await fillSignIn(page, BUYER, SECOND);
      await page.getByRole('heading', { name: 'Enter your code' }).waitFor();
      await enterCode(page, '000000');
      expect(await refusal(page)).toMatch(/code/i);
      await picture(page, 'sign-in-with-a-wrong-code');
      const code = totp.generate({ timestamp: Date.now() + STEP_MS });
      await enterCode(page, code);
      await overview(page);
      await signOut(page);
      await fillSignIn(page, BUYER, SECOND);
      await enterCode(page, code);
      expect(await refusal(page)).toMatch(/code/i);
      await enterCode(page, recoveryCode);
      await overview(page);
      await signOut(page);
      await fillSignIn(page, BUYER, SECOND);
      await enterCode(page, recoveryCode);
      expect(await refusal(page)).toMatch(/code/i);
    });
  });

  test('a passkey signs in without password and code', async () => {
    await look({ browser, origin }, async ({ page, context }) => {
      await acceptInvitation(page, await invitation(product, 'buyer', BUYER, '--reset'), FIRST);
      const devices = await context.newCDPSession(page);
      await devices.send('WebAuthn.enable');
      await devices.send('WebAuthn.addVirtualAuthenticator', {
        options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
      });
      await toPage(page, 'Security');
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await page.getByLabel('Name').fill('laptop');
      await page.getByLabel('Your password').fill(FIRST);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByText('Passkey “laptop” added').waitFor();
      await page.getByRole('table', { name: 'Passkeys' }).getByText('laptop').waitFor();
      await picture(page, 'buyer-security');
      await signOut(page);
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await overview(page);
      await toPage(page, 'Security');
      await page.getByRole('table', { name: 'Sessions' }).getByText('passkey').waitFor();
    });
  });
});

async function setUpAuthenticator(page: Page): Promise<{ totp: TOTP; recoveryCode: string }> {
  await toPage(page, 'Security');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByLabel('Your password').fill(SECOND);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('img', { name: /QR code/ }).waitFor();
  const totp = new TOTP({ secret: Secret.fromBase32(await page.getByLabel('key of the authenticator', { exact: true }).innerText()) });
  await page.getByLabel('Code from the app').fill(totp.generate());
  await page.getByRole('button', { name: 'Turn on' }).click();
  const codes = await page.getByLabel('recovery codes', { exact: true }).innerText();
  await page.getByText('I have stored it').click();
  await page.getByRole('button', { name: 'Done' }).click();
  return { totp, recoveryCode: codes.split('\n')[0] as string };
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code);
  await page.getByRole('button', { name: 'Continue' }).click();
}
