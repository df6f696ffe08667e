/** The steps that tests of the buyer's pages have in common. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Product } from '../support/product.ts';

export const MODEL = 'claude-sonnet-5-5';

/** A one-time link of the command line, as a path: the test's port differs from the configured one. */
export async function invitation(product: Product, kind: 'buyer' | 'admin', ...names: string[]): Promise<string> {
  const { url } = await product.json<{ url: string }>(kind, 'invite', ...names);
  return url.slice(new URL(url).origin.length);
}

/** From the invitation to the Overview. */
export async function acceptInvitation(page: Page, link: string, password: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByLabel('Password again').fill(password);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
}

/** Fills the sign-in page that is open and sends it. */
export async function fillSignIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** A page of the console, by its name in the navigation. */
export const toPage = (page: Page, name: string): Promise<void> => page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name }).click();

/** The balance that the Overview shows, in micro-USDC: its words are rounded, its title is not. */
export async function shownBalance(page: Page): Promise<bigint> {
  const title = await page.locator('.figure-large .figure-value .number').getAttribute('title');
  return micros((title ?? '').replace(' USDC', ''));
}

const UNITS_PER_MICRO = 8;

/** An amount of USDC in figures, in units of 10^-14: the products of a receipt have so many decimals. */
export function units(text: string): bigint {
  const [, whole, decimals = ''] = /^(\d+)(?:\.(\d+))?$/.exec(text.replaceAll(/[\s,]|USDC/g, '')) ?? [];
  if (whole === undefined || decimals.length > 6 + UNITS_PER_MICRO) throw new Error(`no amount: ${JSON.stringify(text)}`);
  return BigInt(whole + decimals.padEnd(6 + UNITS_PER_MICRO, '0'));
}

export function micros(text: string): bigint {
  const all = units(text);
  const per = 10n ** BigInt(UNITS_PER_MICRO);
  if (all % per !== 0n) throw new Error(`more than six decimals: ${text}`);
  return all / per;
}

export interface ShownReceipt {
  /** By class, in the table's order. */
  readonly tokens: Readonly<Record<string, bigint>>;
  readonly chargeMicros: bigint;
}

/** Reads the table of a receipt, multiplies and adds it up again, and fails where a row or a sum is not what it says. */
export async function addedUp(page: Page): Promise<ShownReceipt> {
  const table = page.getByRole('table', { name: 'Charge by token class' });
  await table.waitFor();
  const rows = (await table.locator('tr').allInnerTexts()).map((row) => row.split('\t').map((cell) => cell.trim()));
  const lines = rows.filter((cells) => cells.length === 4 && cells[0] !== 'Class');
  let sum = 0n;
  for (const [name = '', count = '', price = '', product = ''] of lines) {
    expect({ name, product: units(product) }).toEqual({ name, product: (BigInt(count.replaceAll(/\D/g, '')) * units(price)) / 1_000_000n });
    sum += units(product);
  }
  const amountOf = (head: string): string => rows.find(([name]) => name === head)?.at(-1) ?? '';
  expect(units(amountOf('Sum'))).toBe(sum);
  const per = 10n ** BigInt(UNITS_PER_MICRO);
  const chargeMicros = micros(amountOf('Charge'));
  expect(chargeMicros).toBe((sum + per - 1n) / per);
  return { chargeMicros, tokens: Object.fromEntries(lines.map(([name = '', count = '']) => [name, BigInt(count.replaceAll(/\D/g, ''))])) };
}
