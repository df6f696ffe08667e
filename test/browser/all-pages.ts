/** Every page of both consoles, for tests that look at all of them. */
import type { Page } from 'playwright-core';
import type { ConsoleGateway } from '../support/console-gateway.ts';

/** The pages before there is a session. */
export const DOORS = ['/console/login', '/console/invite', '/console/invite#no-such-token', '/console/admin/login', '/console/admin/invite'] as const;

const BUYER = ['', '/keys', '/requests', '/statements', '/top-up', '/connect', '/security', '/no-such-page'];
const ADMIN = ['', '/requests', '/usage', '/alerts', '/buyers', '/keys', '/routes', '/upstreams', '/ledger', '/audit', '/access', '/settings', '/security', '/no-such-page'];

interface Listed<T> {
  readonly items: readonly T[];
}

/** With the pages of single things: a receipt, this month's statement, a buyer, a route. */
export async function allPages(gateway: ConsoleGateway): Promise<Record<'buyer' | 'admin', string[]>> {
  const admin = { token: gateway.admin.token };
  const { items: requests } = await gateway.json<Listed<{ requestId: string }>>('GET', '/admin/requests?limit=1', admin);
  const { items: buyers } = await gateway.json<Listed<{ buyerId: string }>>('GET', '/admin/buyers', admin);
  const { items: routes } = await gateway.json<Listed<{ alias: string }>>('GET', '/admin/routes', admin);
  const receipt = `/requests/${requests[0]!.requestId}`;
  const statement = `/statements/${new Date().toISOString().slice(0, 7)}`;
  return {
    buyer: [...BUYER, receipt, statement].map((path) => `/console${path}`),
    admin: [...ADMIN, receipt, `/buyers/${buyers[0]!.buyerId}`, `/routes/${routes[0]!.alias}`].map((path) => `/console/admin${path}`),
  };
}

/** Opens a page, and waits until it has its figures. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await settled(page);
}

/** Until the heading is there, and no table and no button waits for an answer. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  // None is left when the first of them is gone.
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}
