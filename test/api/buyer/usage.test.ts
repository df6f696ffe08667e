import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Me } from '../../../src/api/schemas/buyer.ts';
import type { UsageReport } from '../../../src/api/schemas/usage.ts';
import { runCli } from '../../../src/cli/program.ts';
import { openBuyerWorld, START, type BuyerWorld, type Item, type Refusal } from './buyer-world.ts';
import * as fs from 'node:fs';
import * as path from 'node:path';

let w: BuyerWorld;
beforeEach(() => {
  w = openBuyerWorld();
});
afterEach(() => w.close());

async function usage(query = ''): Promise<UsageReport> {
  const { status, json, text } = await w.api.call<Item<UsageReport>>('GET', `/buyer/usage${query}`, { as: w.one });
  expect(status, text).toBe(200);
  return json.item;
}
const refusal = async (query: string): Promise<Refusal['error']> => (await w.api.call<Refusal>('GET', `/buyer/usage${query}`, { as: w.one })).json.error;

/** Of all kinds, by three buyers, over two days. */
function busyDays(): void {
  for (let i = 0; i < 60; i++) {
    const fate = (['completed', 'completed', 'refused', 'failed', 'estimated', 'capped', 'shortfall'] as const)[i % 7]!;
    w.end({ key: i % 6, route: i % 2, model: i % 2, fate, searches: i % 3 === 0 ? 2 : 0, afterMs: 47 * 60_000, tokens: { cacheRead: 300 * i, cacheWrite5m: 17 * i, cacheWrite1h: 5 * i } });
  }
}

describe('the account', () => {
  test('has the balance, what is held, and how fast it burns', async () => {
    w.end();
    const { item } = (await w.api.call<Item<Me>>('GET', '/buyer/me', { as: w.one })).json;
    const [row] = w.api.db.prepare('SELECT credits_posted - debits_posted AS balance, debits_pending AS held FROM accounts WHERE id = 1').all() as { balance: number; held: number }[];
    const charge = w.api.db.prepare('SELECT sum(charge) FROM requests WHERE buyer_id = 1').pluck().get();
    expect(item).toMatchObject({ buyerId: 'buyer_1', name: 'buyer 1', disabled: false, topUpInstructions: 'Write to billing@example.com.', timezone: 'UTC' });
    expect(item.balance).toMatchObject({ balanceUsdMicros: row!.balance, heldUsdMicros: row!.held, burnPerHourUsdMicros: charge });
  });

  test('of a disabled buyer can be looked at, and says so', async () => {
    w.api.db.prepare('UPDATE buyers SET disabled_at = 1 WHERE id = 1').run();
    expect((await w.api.call<Item<Me>>('GET', '/buyer/me', { as: w.one })).json.item.disabled).toBe(true);
    expect((await w.api.call('GET', '/buyer/usage', { as: w.one })).status).toBe(200);
  });
});

describe('a report of usage', () => {
  test.each(['key', 'route', 'model', 'day', 'hour'])('by %s adds up to what the ledger charged this buyer, and to nobody else’s', async (by) => {
    busyDays();
    const report = await usage(`?by=${by}&since=2026-11-21&until=2026-11-24`);
    const [own] = w.api.db.prepare('SELECT count(*) AS requests, sum(charge) AS charge, sum(shortfall) AS shortfall, sum(input_tokens) AS input FROM requests WHERE buyer_id = 1').all() as Record<string, number>[];
    expect(report.total).toMatchObject({ requests: own!['requests'], chargeUsdMicros: own!['charge'], shortfallUsdMicros: own!['shortfall'], uncachedInputTokens: own!['input'] });
    const sum = (field: 'chargeUsdMicros' | 'requests' | 'cacheReadTokens'): number => report.rows.reduce((all, row) => all + row[field], 0);
    expect([sum('chargeUsdMicros'), sum('requests'), sum('cacheReadTokens')]).toEqual([report.total.chargeUsdMicros, report.total.requests, report.total.cacheReadTokens]);
    const { inputChargeUsdMicros: a, outputChargeUsdMicros: b, cacheWrite5mChargeUsdMicros: c, cacheWrite1hChargeUsdMicros: d, cacheReadChargeUsdMicros: e, webSearchChargeUsdMicros: f } = report.total;
    expect(a + b + c + d + e + f).toBe(report.total.chargeUsdMicros);
    expect(report.rows.length).toBeGreaterThan(1);
  });

  test.each(['key', 'model', 'day'])('by %s says what `ainogap usage` says', async (by) => {
    busyDays();
    const said = await cliUsage(by);
    const report = await usage(`?by=${by}&since=2026-11-21&until=2026-11-24`);
    expect(said['total']).toMatchObject(report.total);
    expect((said['rows'] as Record<string, unknown>[]).map((row) => row['chargeUsdMicros'])).toEqual(report.rows.map((row) => row.chargeUsdMicros));
    expect(said).toMatchObject({ since: report.since, until: report.until, timezone: report.timezone, running: report.running });
  });

  test('names its rows for people and for programs', async () => {
    w.end({ key: 0, route: 1 });
    w.end({ fate: 'refused' });
    const named = async (by: string) => (await usage(`?by=${by}`)).rows.map(({ label, id }) => [label, id]);
    expect(await named('key')).toEqual([['', 'key_1']]);
    expect(await named('route')).toEqual([['cheap', 'route_2'], ['(no route)', null]]);
    expect(await named('model')).toEqual([['claude-haiku-4-5', null], ['(refused)', null]]);
    const days = (await usage('?by=day&since=2d')).rows;
    expect(days.map(({ label, start, end, running }) => [label, start, end, running])).toEqual([
      ['2026-11-20', '2026-11-20T00:00:00.000Z', '2026-11-21T00:00:00.000Z', false],
      ['2026-11-21', '2026-11-21T00:00:00.000Z', '2026-11-21T10:03:00.000Z', true],
    ]);
  });

  test('is by day over seven days, by hour over 24, and otherwise of today', async () => {
    w.end();
    const [byDay, byHour, byKey] = [await usage(), await usage('?by=hour'), await usage('?by=key')];
    expect([byDay.rows.length, byDay.by, byDay.since]).toEqual([7, 'day', '2026-11-15T00:00:00.000Z']);
    expect([byHour.rows.length, byHour.since]).toEqual([24, '2026-11-20T11:00:00.000Z']);
    expect(byKey.since).toBe('2026-11-21T00:00:00.000Z');
  });

  test('counts its days in the zone of the gateway', async () => {
    w.api.plan({ timezone: 'Asia/Kolkata' });
    w.end();
    const report = await usage('?by=day&since=today');
    expect([report.timezone, report.since]).toEqual(['Asia/Kolkata', '2026-11-20T18:30:00.000Z']);
  });

  test('has what was written to caches and never read, of this buyer only', async () => {
    w.end({ tokens: { cacheWrite5m: 4_000 } });
    w.end({ key: 2, tokens: { cacheWrite5m: 9_000 } });
    w.world.now += 40 * 60_000;
    const { unreadWrites, total } = await usage('?by=key');
    expect(unreadWrites).toEqual({ tokens: 4_000, chargeUsdMicros: total.cacheWrite5mChargeUsdMicros });
  });

  test('refuses what is no window, in words', async () => {
    expect(await refusal('?since=soon')).toMatchObject({ code: 'invalid_request', details: { parameter: 'since' }, message: expect.stringContaining('"soon" is not a time') });
    expect(await refusal('?since=2026-11-21&until=2026-11-20')).toMatchObject({ code: 'invalid_request', details: { parameter: 'until' } });
    expect((await refusal('?since=2027-01-01')).message).toContain('lies in the future');
    expect((await refusal('?since=2026-11-21T10:00:30')).message).toContain('not a whole minute');
    expect((await refusal('?by=hour&since=2026-01')).message).toContain('more than 2000 rows');
    expect((await refusal('?by=buyer')).code).toBe('invalid_request');
  });

  test('does not count empty hours into the far future', async () => {
    w.end();
    const report = await usage('?by=hour&since=1h&until=9999-12');
    expect(report.rows.length).toBe(1);
    expect(Date.parse(report.until) - START).toBeLessThan(4 * 86_400_000);
  });

  test('is unavailable while usage is summed anew, and the account is not', async () => {
    w.api.db.prepare('UPDATE usage_state SET complete = 0').run();
    const { status, headers } = await w.api.call('GET', '/buyer/usage', { as: w.one });
    expect([status, headers.get('retry-after')]).toEqual([503, '10']);
    expect((await w.api.call('GET', '/buyer/keys', { as: w.one })).status).toBe(200);
  });
});

/** The command's document on the same database. */
async function cliUsage(by: string): Promise<Record<string, unknown>> {
  fs.writeFileSync(path.join(w.api.folder, 'config.yaml'), 'database: ./ainogap.db\nupstreams:\n  u:\n    kind: anthropic\n    base_url: https://u.test\n    credential: env:U\n', { mode: 0o600 });
  let out = '';
  const sink = (write: (text: string) => void) => ({ isTTY: false, columns: 80, write });
  const argv = ['usage', '--by', by, '--buyer', 'buyer_1', '--since', '2026-11-21', '--until', '2026-11-24', '--json'];
  const code = await runCli(argv, {
    env: { HOME: w.api.folder },
    cwd: w.api.folder,
    stdout: sink((text) => (out += text)),
    stderr: sink(() => undefined),
    interactive: false,
    ask: () => Promise.reject(new Error('nobody is there')),
    now: () => w.world.now,
  });
  expect(code).toBe(0);
  return JSON.parse(out) as Record<string, unknown>;
}
