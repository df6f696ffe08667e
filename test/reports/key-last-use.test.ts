import { expect, test } from 'vitest';
import { openMemoryDatabase } from '../../src/db/open.ts';
import type { BuyerId, KeyId } from '../../src/ids.ts';
import { keyLastUses } from '../../src/reports/key-last-use.ts';
import { UsageWorld } from './usage-world.ts';

const START = Date.UTC(2026, 10, 20, 10);
const MINUTE_MS = 60_000;

test('a key was last used when its last request began, whether a moment or days ago; or never', () => {
  const db = openMemoryDatabase();
  const world = new UsageWorld(db, START);
  const at = (ms: number, key: number): void => world.settle({ afterMs: ms - world.now, key, route: 0, model: 0, fate: 'completed', searches: 0, tokens: { input: 1, output: 1, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 } });
  at(START + 5 * MINUTE_MS, 0);
  at(START + 9 * MINUTE_MS, 0);
  at(START + 10 * MINUTE_MS, 2);
  at(START + 3 * 86_400_000, 2);
  const uses = keyLastUses(db, 1 as BuyerId);
  expect([uses(1 as KeyId), uses(2 as KeyId)]).toEqual([START + 9 * MINUTE_MS, null]);
  expect(keyLastUses(db, 2 as BuyerId)(3 as KeyId)).toBe(START + 3 * 86_400_000);
  at(START + 3 * 86_400_000 + 10, 1);
  expect(keyLastUses(db, 1 as BuyerId)(2 as KeyId)).toBe(START + 3 * 86_400_000 + 10);
  db.close();
});
