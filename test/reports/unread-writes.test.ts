import { beforeEach, describe, expect, test } from 'vitest';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { createUnreadWritesReader, unreadWrites } from '../../src/reports/unread-writes.ts';
import { readUsage } from '../../src/reports/usage.ts';
import { UsageWorld, type Ended } from './usage-world.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 10, 23, 10);
let db: Db;
let world: UsageWorld;
beforeEach(() => {
  db = openMemoryDatabase();
  world = new UsageWorld(db, START);
});

/** Ends a request at that minute after the start. */
function at(minute: number, tokens: Partial<Ended['tokens']>, rest: Partial<Ended> = {}): void {
  const none = { input: 5, output: 5, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 };
  world.settle({ afterMs: START + minute * MINUTE_MS - world.now, key: 0, route: 0, model: 0, fate: 'completed', searches: 0, tokens: { ...none, ...tokens }, ...rest });
}
const found = (nowMinute: number, until = 600) =>
  unreadWrites(db, { since: START, until: START + until * MINUTE_MS, now: START + nowMinute * MINUTE_MS });

describe('a write counts as never read', () => {
  test('once nothing that began while it lived can end any more', () => {
    at(0, { cacheWrite5m: 1000 });
    expect(found(16).tokens).toBe(0);
    expect(found(17).tokens).toBe(1000);
  });

  test('with its charge, by buyer', () => {
    at(0, { cacheWrite5m: 1000 });
    at(1, { cacheWrite1h: 300 }, { key: 2 });
    const { tokens, charge, byBuyer } = found(200);
    const [all] = readUsage(db, { since: START, until: START + 600 * MINUTE_MS, by: 'none', timezone: 'UTC' });
    expect(tokens).toBe(1300);
    expect(charge).toBe(all!.sums.chargeByClass.cacheWrite5m + all!.sums.chargeByClass.cacheWrite1h);
    expect([...byBuyer].map(([buyer, one]) => [buyer, one.tokens])).toEqual([
      [1, 1000],
      [2, 300],
    ]);
  });

  test('after an hour where it was written for an hour', () => {
    at(0, { cacheWrite1h: 1000 });
    expect([found(71).tokens, found(72).tokens]).toEqual([0, 1000]);
  });
});

describe('a write does not count', () => {
  test.each([3, 16])('when something was read %d minutes later', (later) => {
    at(0, { cacheWrite5m: 1000 });
    at(later, { cacheRead: 1 });
    expect(found(200).tokens).toBe(0);
  });

  test('when its own minute read something, or a request that ended just before', () => {
    at(0, { cacheWrite5m: 1000, cacheRead: 50 });
    at(9, { cacheWrite5m: 1000 });
    expect(found(200).tokens).toBe(0);
  });

  test('outside the range that is asked for, though reads there are seen', () => {
    at(0, { cacheRead: 1 });
    at(5, { cacheWrite5m: 10 });
    at(50, { cacheWrite5m: 1000 });
    expect(unreadWrites(db, { since: START + 4 * MINUTE_MS, until: START + 20 * MINUTE_MS, now: START + 500 * MINUTE_MS }).tokens).toBe(0);
    expect(found(500, 50).tokens).toBe(0);
    expect(found(500, 51).tokens).toBe(1000);
  });
});

test('reads of another buyer or of another model are no reads of it', () => {
  at(0, { cacheWrite5m: 1000 });
  at(1, { cacheRead: 1 }, { key: 2 });
  at(2, { cacheRead: 1 }, { model: 1 });
  expect(found(200).tokens).toBe(1000);
  expect(found(200).byBuyer.get(1 as never)?.tokens).toBe(1000);
});

test('a reader that is asked again and again finds what a new one finds', () => {
  const reader = createUnreadWritesReader(db);
  for (let minute = 0; minute < 200; minute++) {
    at(minute, { cacheWrite5m: minute % 23 === 0 ? minute + 1 : 0, cacheWrite1h: minute === 40 ? 7 : 0, cacheRead: minute % 61 === 60 ? 3 : 0 });
    const query = { since: START, until: START + 600 * MINUTE_MS, now: START + minute * MINUTE_MS };
    expect(reader.read(query)).toEqual(unreadWrites(db, query));
  }
  expect(found(400).tokens).toBeGreaterThan(0);
});
