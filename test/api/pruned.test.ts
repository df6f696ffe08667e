/** What the API says of requests that were moved to an archive. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AdminRequest, Transfer } from '../../src/api/schemas/admin.ts';
import type { Key } from '../../src/api/schemas/buyer.ts';
import { formatRequestId, type RequestId } from '../../src/ids.ts';
import type { SignedIn } from '../support/api-in-process.ts';
import { AdminWorld, type Item, type List, type Refusal } from './admin/admin-world.ts';

const DAY_MS = 86_400_000;

let w: AdminWorld;
let buyers: readonly [SignedIn, SignedIn];
/** Of buyer 1: a completed one and a shortfall. */
let moved: RequestId;
let short: RequestId;
beforeAll(() => {
  w = new AdminWorld();
  buyers = [w.api.signInBuyer('buyer 1'), w.api.signInBuyer('buyer 2')];
  w.end();
  w.end({ fate: 'shortfall', key: 1 });
  w.end({ afterMs: 3 * DAY_MS });
  [moved, short] = w.api.db.prepare('SELECT id FROM requests ORDER BY id LIMIT 2').pluck().safeIntegers().all() as [RequestId, RequestId];
  // As `actions/prune.ts` leaves a database; that needs one on disk.
  w.api.db.exec(`UPDATE usage_state SET pruned_before = ${Date.UTC(2026, 10, 23) / DAY_MS};
    INSERT INTO prunes(before_day, run, state, archive, began_at, requests, first_request, last_request) VALUES (${Date.UTC(2026, 10, 23) / DAY_MS}, 'r', 'done', '/backup/old.jsonl.gz', 0, 2, ${moved}, ${short});
    DELETE FROM requests WHERE id <= ${short}`);
});
afterAll(() => w.close());

const asBuyer = <T>(target: string, of: 0 | 1 = 0) => w.api.call<T>('GET', target, { as: buyers[of] });

test('lists say from which day on they have requests', async () => {
  const { json } = await asBuyer<List<unknown> & { prunedBefore: string }>('/buyer/requests');
  expect(json).toMatchObject({ items: [{}], nextCursor: null, prunedBefore: '2026-11-23' });
  expect((await w.call<List<AdminRequest>>('GET', '/admin/requests')).json).toMatchObject({ items: [{}], prunedBefore: '2026-11-23' });
});

test('a buyer learns of its own request that it is in an archive, not where, and nothing of others', async () => {
  const own = await asBuyer<Refusal>(`/buyer/requests/${formatRequestId(moved)}`);
  expect([own.status, own.json.error]).toEqual([
    410,
    { code: 'gone', message: 'This request settled on 2026-11-21 (UTC), and its record is in an archive, as all from before 2026-11-23 are. The operator can make its receipt.', details: { prunedBefore: '2026-11-23' } },
  ]);
  const others = await asBuyer<Refusal>(`/buyer/requests/${formatRequestId(moved)}`, 1);
  const never = await asBuyer<Refusal>('/buyer/requests/req_0000000000000', 1);
  expect([others.status, others.json.error]).toEqual([404, never.json.error]);
});

test('an operator learns where its receipt is read', async () => {
  const [status, code, message] = await w.refused('GET', `/admin/requests/${formatRequestId(moved)}`);
  expect([status, code]).toEqual([410, 'gone']);
  expect(message).toContain(`\`ainogap receipt ${formatRequestId(moved)} --from /backup/old.jsonl.gz\` reads it.`);
});

test('the ledger still tells whose a shortfall is, and a key when it was last used', async () => {
  const of = await w.items<Transfer>('/admin/ledger?buyerId=buyer_1&kind=shortfall');
  expect(of).toMatchObject([{ requestId: formatRequestId(short), buyer: 'buyer 1', kind: 'shortfall' }]);
  const { json } = await asBuyer<List<Key>>('/buyer/keys');
  expect(json.items.find(({ keyId }) => keyId === 'key_2')?.lastUsedAt).toBe('2026-11-21T10:02:00.000Z');
  expect((await w.call<Item<{ balancesUsdMicros: number }>>('GET', '/admin/books')).status).toBe(200);
});
