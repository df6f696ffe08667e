import { expect, test } from 'vitest';
import { openMemoryDatabase } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { readBalances } from '../../src/reports/balances.ts';
import { UsageWorld } from './usage-world.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 23, 10);
const tokens = { input: 100_000, output: 10, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };

test('the burn is what was charged in the running minute and the 59 before it, of each buyer', () => {
  const db = openMemoryDatabase();
  const world = new UsageWorld(db, START);
  for (let i = 0; i < 90; i++) world.settle({ afterMs: MINUTE_MS, key: i % 4, route: 0, model: 1, fate: 'completed', tokens, searches: 0 });
  const now = world.now + 30_000;
  const since = (Math.floor(now / MINUTE_MS) - 59) * MINUTE_MS;
  const burnt = (buyer: number) => world.added.filter(({ at, buyerId }) => buyerId === buyer && at >= since).reduce((sum, { sums }) => sum + sums.charge, 0n);
  expect(readBalances(db, { buyerId: null, now }).map(({ burnPerHour }) => burnPerHour)).toEqual([burnt(1), burnt(2), 0n]);
  expect(burnt(1)).toBeGreaterThan(0n);
  expect(readBalances(db, { buyerId: 2 as BuyerId, now })).toEqual([readBalances(db, { buyerId: null, now })[1]]);
  expect(readBalances(db, { buyerId: 2 as BuyerId, now: now + 61 * MINUTE_MS })).toMatchObject([{ burnPerHour: 0n, emptyInMinutes: null }]);
  db.close();
});

test('after a clock was set back the burn is that of the last hour of the ledger, which goes on', () => {
  const db = openMemoryDatabase();
  const world = new UsageWorld(db, START);
  const one = (afterMs: number) => world.settle({ afterMs, key: 0, route: 0, model: 1, fate: 'completed', tokens, searches: 0 });
  for (const minutes of [0, 90, 10]) one(minutes * MINUTE_MS);
  const back = world.now - 120 * MINUTE_MS;
  expect(readBalances(db, { buyerId: 1 as BuyerId, now: back })).toMatchObject([{ burnPerHour: world.added[0]!.sums.charge * 2n }]);
  db.close();
});

test('what is left lasts as long as it does at this burn', () => {
  const db = openMemoryDatabase();
  const world = new UsageWorld(db, START);
  world.settle({ afterMs: 0, key: 0, route: 0, model: 1, fate: 'completed', tokens, searches: 0 });
  const charge = world.added[0]!.sums.charge;
  db.prepare('UPDATE accounts SET credits_posted = credits_posted + ? WHERE id = 1').run(charge * 3n);
  expect(readBalances(db, { buyerId: 1 as BuyerId, now: world.now })).toMatchObject([{ available: charge * 3n, emptyInMinutes: 180 }]);
  db.close();
});
