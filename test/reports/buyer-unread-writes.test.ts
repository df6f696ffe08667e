import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openMemoryDatabase } from '../../src/db/open.ts';
import type { BuyerId } from '../../src/ids.ts';
import { buyerUnreadWrites } from '../../src/reports/buyer-unread-writes.ts';
import { unreadWrites } from '../../src/reports/unread-writes.ts';
import { anEnded, UsageWorld } from './usage-world.ts';

const START = Date.UTC(2026, 10, 22, 23, 30);
const MINUTE_MS = 60_000;

test("one buyer's share is what the report of all says, whatever was used, over days and folds", () => {
  const soon = fc.oneof(fc.nat(20 * MINUTE_MS), fc.nat(90 * MINUTE_MS), fc.constant(30 * 3_600_000));
  const requests = fc.array(fc.tuple(anEnded, soon), { minLength: 1, maxLength: 25 });
  fc.assert(
    fc.property(requests, fc.nat(400), fc.nat(400), fc.nat(200), (ended, fromMinute, lasting, later) => {
      const db = openMemoryDatabase();
      const world = new UsageWorld(db, START);
      for (const [request, afterMs] of ended) world.settle({ ...request, afterMs });
      const since = START + (fromMinute - 100) * MINUTE_MS;
      const query = { since, until: since + (lasting + 1) * 30 * MINUTE_MS, now: world.now + later * MINUTE_MS };
      const all = unreadWrites(db, query).byBuyer;
      for (const buyerId of [1, 2, 3] as BuyerId[]) expect(buyerUnreadWrites(db, { ...query, buyerId })).toEqual(all.get(buyerId) ?? { tokens: 0, charge: 0n });
      db.close();
    }),
    { numRuns: 60 },
  );
});
