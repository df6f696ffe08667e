/** A real browser: where its program comes from, pages that are watched for complaints, and questions asked of a page. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { chromium as playwright, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { watch, type Watch } from './page-watch.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');
const require = createRequire(import.meta.url);
const PICTURES = path.join(PROJECT, 'test/output/browser');

/** Makes the dev dependency unpack the shared libraries that bare machines lack, beside the program. */
const WITH_LIBRARIES = 'AWS_Lambda_nodejs24.x';

/** Why there may be none, and what to do about it: said by the failure, so that no test is skipped in silence. */
const HOW_TO_GET_ONE =
  'no Chromium to test with: `npm ci` brings one for Linux x64 (the dev dependency @sparticuz/chromium); elsewhere install Chromium or Chrome, or name a program in AINOGAP_CHROMIUM';

export const DESK = { width: 1280, height: 800 } as const;
export const PHONE = { width: 390, height: 844 } as const;

export interface Looked {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What the context's pages complained of; `allow` what the test provokes. The rest fails the test. */
  readonly watch: Watch;
}

/** One per test file; `close()` it in afterAll. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = await browserProgram();
  // The sandbox needs rights that containers and root do not have; the pages are our own.
  const launch = { executablePath, args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'] };
  return await playwright.launch(launch).catch((error: unknown) => {
    // A machine without NSS: the dev dependency has its libraries too.
    const libraries = path.join(path.dirname(executablePath), 'al2023/lib');
    if (!String(error).includes('shared libraries') || !fs.existsSync(libraries)) throw error;
    return playwright.launch({ ...launch, env: { ...(process.env as Record<string, string>), LD_LIBRARY_PATH: libraries } });
  });
}

export interface LookOptions extends BrowserContextOptions {
  readonly browser: Browser;
  /** What relative addresses start with; requests to any other origin are complaints. */
  readonly origin: string;
}

/**
 * Opens a page in a context of its own (cookies and storage are empty), uses it, and closes it. Fails with every error
 * of the console, failed script, violation of the content security policy and request to another origin.
 */
export async function look<T>({ browser, origin, ...options }: LookOptions, use: (looked: Looked) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ baseURL: origin, viewport: DESK, permissions: ['clipboard-read', 'clipboard-write'], ...options });
  context.setDefaultTimeout(15_000);
  const watching = watch(context, origin);
  const page = await context.newPage();
  try {
    const result = await use({ page, context, watch: watching });
    const complaints = watching.complaints();
    if (complaints.length > 0) throw new Error(`the pages complained:\n${complaints.join('\n')}`);
    return result;
  } catch (error) {
    if (!page.isClosed()) await picture(page, `failed-${Date.now()}`).catch(() => undefined);
    const complaints = watching.complaints();
    if (error instanceof Error && complaints.length > 0 && !error.message.includes('complained')) error.message += `\nand the pages complained:\n${complaints.join('\n')}`;
    throw error;
  } finally {
    await context.close();
  }
}

/** Kept as test/output/browser/<name>.png, the whole page; `name` says what is to be seen, in words with hyphens. */
export async function picture(page: Page, name: string): Promise<void> {
  fs.mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`), fullPage: true, animations: 'disabled' });
}

/** Browsers sign in with passkeys on `localhost` only, never on an address. */
export const atLocalhost = (origin: string): string => origin.replace('127.0.0.1', 'localhost');

const AXE = fs.readFileSync(require.resolve('axe-core'), 'utf8');

/** What axe-core has against the page, as `rule: the first place`; by all its rules, or by some. */
export async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(AXE);
  return await page.evaluate(async (some) => {
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    return (await axe.run(some === undefined ? {} : { runOnly: [...some] })).violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
  }, rules);
}

/** How many pixels of the page lie beyond the window's width. */
export const overflow = (page: Page): Promise<number> => page.evaluate('document.documentElement.scrollWidth - innerWidth');

/** AINOGAP_CHROMIUM, else the dev dependency's, else one on PATH. Rejects with words that say how to get one. */
export async function browserProgram(): Promise<string> {
  const named = process.env['AINOGAP_CHROMIUM'];
  if (named !== undefined && named !== '') {
    if (fs.existsSync(named)) return named;
    throw new Error(`AINOGAP_CHROMIUM names ${named}, and no such file is there`);
  }
  const found = process.platform === 'linux' && process.arch === 'x64' ? await unpacked() : onPath();
  if (found === undefined) throw new Error(HOW_TO_GET_ONE);
  return found;
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  return names.flatMap((name) => folders.map((folder) => path.join(folder, name))).find((file) => fs.existsSync(file));
}

/**
 * The dev dependency unpacks into its process's TMPDIR, under names that another user of the machine could have taken.
 * Here a process of its own unpacks into a new folder, which gets its lasting name only when it is whole: of two test
 * files that start at once, one comes first and both use its folder.
 */
async function unpacked(): Promise<string | undefined> {
  const packed = path.join(PROJECT, 'node_modules/@sparticuz/chromium');
  if (!fs.existsSync(packed)) return onPath();
  const { version } = JSON.parse(fs.readFileSync(path.join(packed, 'package.json'), 'utf8')) as { version: string };
  const cache = path.join(PROJECT, 'node_modules/.cache');
  const lasting = path.join(cache, `chromium-${version}`);
  const program = path.join(lasting, 'chromium');
  if (fs.existsSync(program)) return program;
  fs.mkdirSync(cache, { recursive: true });
  const fresh = fs.mkdtempSync(path.join(cache, 'unpacking-'));
  try {
    const unpack = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
    await promisify(execFile)(process.execPath, ['-e', unpack], { cwd: PROJECT, env: { ...process.env, TMPDIR: fresh, AWS_EXECUTION_ENV: WITH_LIBRARIES } });
    fs.renameSync(fresh, lasting);
  } catch (error) {
    if (!fs.existsSync(program)) throw error;
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true });
  }
  return program;
}
