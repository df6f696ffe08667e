import type { Page } from 'playwright-core';

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

/** Signs the page's context in, as its own sign-in page would, without the typing. Tests of signing in type. */
export async function enter(page: Page, kind: 'buyer' | 'admin', { name, password }: Credentials): Promise<void> {
  await page.goto(kind === 'admin' ? '/console/admin/login' : '/console/login');
  const status = await page.evaluate(async ([path, body]) => (await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status, [
    `/${kind}/login`,
    JSON.stringify({ name, password, transport: 'cookie' }),
  ] as const);
  if (status !== 200) throw new Error(`signing in as ${kind} ${name} was answered ${status}`);
}
