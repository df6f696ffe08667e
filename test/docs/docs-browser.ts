/** A real browser for the docs, and what it noticed while a page was open. */
import { createRequire } from 'node:module';
import * as fs from 'node:fs';
import chromium from '@sparticuz/chromium';
import { chromium as playwright, type BrowserContextOptions, type Page } from 'playwright-core';

/** Where the program is; null where there is none. */
export const browserProgram: string | null = await chromium.executablePath().catch(() => null);
if (browserProgram === null) console.warn('SKIPPED: @sparticuz/chromium has no browser for this machine, so the docs were not looked at in one');

export interface Looked {
  readonly page: Page;
  /** Messages of the console and failures of scripts: violations of the content security policy are among them. */
  readonly complaints: string[];
  /** What was asked of other hosts than the gateway. */
  readonly strangers: string[];
}

/** Opens a browser of its own: this build ends with its first context. */
export async function look<T>(origin: string, options: BrowserContextOptions, use: (looked: Looked) => Promise<T>): Promise<T> {
  const browser = await playwright.launch({ executablePath: browserProgram as string, args: chromium.args });
  try {
    const context = await browser.newContext({ baseURL: origin, permissions: ['clipboard-read', 'clipboard-write'], ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    const strangers: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => void (request.url().startsWith(origin) || strangers.push(request.url())));
    return await use({ page, complaints, strangers });
  } finally {
    await browser.close();
  }
}

const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

/** What axe-core has against the page, as `rule: the first place`. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
  });
}

/** How many pixels of the page lie beyond the window's width. */
export const overflow = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth - innerWidth');
