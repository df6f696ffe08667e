import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Statement } from '../../../src/api/schemas/usage.ts';
import { readCsv } from '../../support/read-csv.ts';
import { openBuyerWorld, type BuyerWorld, type Item, type List, type Refusal } from './buyer-world.ts';

let w: BuyerWorld;
beforeEach(() => {
  w = openBuyerWorld();
});
afterEach(() => w.close());

const call = <T>(target: string) => w.api.call<T>('GET', `/buyer/statements${target}`, { as: w.one });

test('the months reach from the running one back to the buyer’s first', async () => {
  expect((await call<List<unknown>>('')).json).toEqual({
    items: [
      { month: '2026-11', running: true },
      { month: '2026-10', running: false },
      { month: '2026-09', running: false },
    ],
    nextCursor: null,
  });
});

test('a statement ends with the balance, and its parts add up', async () => {
  for (let i = 0; i < 9; i++) w.end({ fate: i % 3 === 0 ? 'shortfall' : 'completed', route: 1, afterMs: 8 * 3_600_000 });
  const { item } = (await call<Item<Statement>>('/2026-11')).json;
  const balance = w.api.db.prepare('SELECT credits_posted - debits_posted FROM accounts WHERE id = 1').pluck().get();
  expect(item.closingUsdMicros).toBe(balance);
  expect(item.openingUsdMicros + item.topUpsUsdMicros + item.adjustmentsUsdMicros - item.debitedUsdMicros).toBe(item.closingUsdMicros);
  expect(item.days.reduce((sum, day) => sum + day.chargeUsdMicros, 0)).toBe(item.chargeUsdMicros);
  expect(item.days.length).toBeGreaterThan(2);
});

test('is a file to keep as CSV and as HTML, under a safe name', async () => {
  w.end();
  const [csv, html] = [await call('/2026-11?format=csv'), await call('/2026-11?format=html')];
  expect([csv.headers.get('content-type'), csv.headers.get('content-disposition')]).toEqual(['text/csv; charset=utf-8', 'attachment; filename="statement-2026-11.csv"']);
  expect([html.headers.get('content-type'), html.headers.get('content-disposition')]).toEqual(['text/html; charset=utf-8', 'attachment; filename="statement-2026-11.html"']);
  const { item } = (await call<Item<Statement>>('/2026-11')).json;
  const [head, ...rows] = readCsv(csv.text);
  const last = Object.fromEntries(head!.map((field, i) => [field, rows.at(-1)![i]]));
  expect(last).toMatchObject({ line: 'closing', balanceUsdMicros: String(item.closingUsdMicros) });
  expect(html.text).toContain('Statement 2026-11');
  expect(html.headers.get('content-security-policy')).toContain("script-src 'self'");
});

test('is not there for a month of before the buyer, nor for one that has not begun', async () => {
  const error = async (target: string): Promise<unknown> => (await call<Refusal>(target)).json.error;
  expect(await error('/2026-08')).toMatchObject({ code: 'not_found', message: expect.stringContaining('this account was made at 2026-09-15') });
  expect(await error('/2026-12')).toMatchObject({ code: 'not_found', message: expect.stringContaining('has not begun') });
  expect(await error('/2026-13')).toMatchObject({ code: 'invalid_request' });
  expect(await error('/2026-11?format=pdf')).toMatchObject({ code: 'invalid_request' });
});

test('books that do not agree make no statement, and are the operator’s to see', async () => {
  w.end();
  w.api.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 1').run();
  const { status, json } = await call<Refusal>('/2026-11');
  expect([status, json.error.message]).toEqual([500, expect.stringContaining('do not agree')]);
  expect(w.api.logs.some(({ event }) => event === 'alert_statement_mismatch')).toBe(true);
});
