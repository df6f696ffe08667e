import { beforeEach, describe, expect, test } from 'vitest';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId, KeyId, RequestId } from '../../src/ids.ts';
import { readRequestPage } from '../../src/reports/request-page.ts';
import type { RequestFilter } from '../../src/reports/requests.ts';
import { UsageWorld } from './usage-world.ts';

let db: Db;
beforeEach(() => {
  db = openMemoryDatabase();
  const world = new UsageWorld(db, Date.UTC(2026, 10, 23));
  world.settle({ afterMs: 0, key: 0, route: 0, model: 0, fate: 'completed', searches: 0, tokens: { input: 1, output: 1, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 } });
});

/** Copies of the one request, each a millisecond later, the keys of buyer 1 given for each; key 2 is rare. */
function copies(count: number, rare: ReadonlySet<number>): void {
  const columns = (db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all('requests') as string[]).filter((name) => name !== 'id' && name !== 'key_id').join(', ');
  const insert = db.prepare(`INSERT INTO requests(id, key_id, ${columns}) SELECT (SELECT max(id) FROM requests) + 4194304, ?, ${columns} FROM requests LIMIT 1`);
  db.transaction(() => {
    for (let i = 0; i < count; i++) insert.run(rare.has(i) ? 2 : 1);
  })();
}

function allPages(filter: Omit<RequestFilter, 'limit'>, limit: number): { ids: RequestId[]; pages: number; empty: number } {
  const ids: RequestId[] = [];
  let [pages, empty] = [0, 0];
  for (let beforeId: RequestId | null | undefined = undefined; beforeId !== null; pages++) {
    const { entries, next } = readRequestPage(db, { ...filter, limit, ...(beforeId === undefined ? {} : { beforeId }) });
    ids.push(...entries.map(({ requestId }) => requestId));
    if (entries.length === 0) empty++;
    beforeId = next;
  }
  return { ids, pages, empty };
}
const inOrder = (where: string): RequestId[] => db.prepare(`SELECT id FROM requests WHERE ${where} ORDER BY id DESC`).pluck().safeIntegers().all() as RequestId[];

describe('pages of requests', () => {
  test('that fit no further than a stretch go through all of it, each once', () => {
    copies(4_500, new Set([0, 1_999, 2_000, 2_001, 4_499]));
    for (const limit of [1, 2, 5, 200]) expect(allPages({ buyerId: 1 as BuyerId, keyId: 2 as KeyId }, limit).ids).toEqual(inOrder('key_id = 2'));
    expect(allPages({ buyerId: 1 as BuyerId }, 200).ids).toEqual(inOrder('buyer_id = 1'));
    expect(allPages({ keyId: 1 as KeyId }, 200).ids).toEqual(inOrder('key_id = 1'));
  });

  test('look through a bounded number of rows each: far between, they are short or empty and go on', () => {
    copies(60_000, new Set([10]));
    const { ids, pages, empty } = allPages({ buyerId: 1 as BuyerId, keyId: 2 as KeyId }, 50);
    expect(ids).toEqual(inOrder('key_id = 2'));
    expect([pages, empty]).toEqual([2, 1]);
  });

  test('keep within their time', () => {
    copies(50, new Set([7, 30]));
    const at = Date.UTC(2026, 10, 23);
    expect(allPages({ keyId: 2 as KeyId, since: at + 20 }, 5).ids).toHaveLength(1);
    expect(allPages({ keyId: 2 as KeyId, until: at }, 5).ids).toEqual([]);
  });
});
