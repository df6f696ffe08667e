import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { AuditEntry, Books, Transfer, Verification } from '../../../src/api/schemas/admin.ts';
import { openDatabase } from '../../../src/db/open.ts';
import { AdminWorld, type Item } from './admin-world.ts';

let w: AdminWorld;
beforeEach(() => {
  w = new AdminWorld();
  w.endMany(36);
});
afterEach(() => w.close());

describe('the ledger', () => {
  test('has every transfer once, newest first, in pages of any size', async () => {
    const ids = (w.api.db.prepare('SELECT id FROM transfers ORDER BY id DESC').pluck().safeIntegers().all() as bigint[]).map(String);
    for (const limit of [1, 7, 200]) expect((await w.pages<Transfer>(`/admin/ledger?limit=${limit}`)).flat().map(({ transferId }) => transferId), `${limit}`).toEqual(ids);
    expect((await w.refused('GET', '/admin/ledger?cursor=-1')).slice(0, 2)).toEqual([400, 'invalid_request']);
  });

  test('is told by kind and by buyer, whose shortfalls among them', async () => {
    await w.call('POST', '/admin/buyers/buyer_1/top-ups', { body: { amountUsdMicros: 9 } });
    await w.call('POST', '/admin/buyers/buyer_1/adjustments', { body: { amountUsdMicros: -4, reason: 'test' } });
    const all = await w.items<Transfer>('/admin/ledger?limit=200');
    const kinds = new Set(all.map(({ kind }) => kind));
    expect(kinds).toEqual(new Set(['deposit', 'adjust', 'post', 'void', 'shortfall']));
    for (const kind of kinds) expect((await w.pages<Transfer>(`/admin/ledger?kind=${kind}&limit=3`)).flat()).toEqual(all.filter((one) => one.kind === kind));
    for (const buyer of ['1', '2', '3']) expect((await w.pages<Transfer>(`/admin/ledger?buyerId=buyer_${buyer}&limit=5`)).flat(), buyer).toEqual(all.filter((one) => one.buyer === `buyer ${buyer}`));
    const short = all.find(({ kind }) => kind === 'shortfall');
    expect(short).toMatchObject({ debit: 'shortfall', credit: 'revenue', buyer: expect.stringMatching(/^buyer \d$/) as unknown, requestId: expect.stringMatching(/^req_/) as unknown, reference: null });
    expect(all.find(({ kind }) => kind === 'deposit')).toMatchObject({ debit: 'funding', requestId: null, holdUsdMicros: null });
    expect((await w.refused('GET', '/admin/ledger?buyerId=buyer_9'))[0]).toBe(404);
  });

  test('is looked through in bounded pages where few rows fit', async () => {
    const shortfalls = (await w.items<Transfer>('/admin/ledger?kind=shortfall&limit=200')).map(({ transferId }) => transferId);
    w.api.db
      .prepare(
        `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
         INSERT INTO transfers(id, kind, debit, credit, amount, hold, at) SELECT (SELECT max(id) FROM transfers) + 4 * i, 3, 1, -2, 0, 0, 0 FROM n`,
      )
      .run();
    const pages = await w.pages<Transfer>('/admin/ledger?kind=shortfall&limit=200');
    expect(pages[0]).toEqual([]);
    expect(pages.flat().map(({ transferId }) => transferId)).toEqual(shortfalls);
    expect((await w.pages<Transfer>('/admin/ledger?kind=deposit&limit=200')).length).toBe(1);
  });

  test('adds up to the books', async () => {
    const transfers = await w.items<Transfer>('/admin/ledger?limit=200');
    const sum = (kinds: readonly string[], of = (one: Transfer) => one.amountUsdMicros): number => transfers.filter(({ kind }) => kinds.includes(kind)).reduce((total, one) => total + of(one), 0);
    const books = await w.item<Books>('/admin/books');
    expect(books.revenueUsdMicros).toBe(sum(['post', 'excess', 'shortfall']));
    expect(books.shortfallUsdMicros).toBe(sum(['shortfall']));
    expect(books.fundingUsdMicros).toBe(sum(['deposit', 'adjust'], ({ debit, amountUsdMicros }) => (debit === 'funding' ? amountUsdMicros : -amountUsdMicros)));
    expect(books.fundingUsdMicros + books.shortfallUsdMicros).toBe(books.revenueUsdMicros + books.balancesUsdMicros);
    expect([books.heldUsdMicros, books.shortfallUsdMicros > 0]).toEqual([0, true]);
  });
});

describe('verify', () => {
  const ended = (): Promise<Verification> =>
    vi.waitFor(
      async () => {
        const found = await w.item<Verification>('/admin/verify');
        expect(found.state).not.toBe('running');
        return found;
      },
      { timeout: 20_000, interval: 20 },
    );

  test('passes over good books, and is kept', async () => {
    expect(await w.item<Verification>('/admin/verify')).toMatchObject({ state: 'never', checks: [], startedAt: null });
    const { status, json } = await w.call<Item<Verification>>('POST', '/admin/verify');
    expect([status, json.item.state]).toEqual([202, 'running']);
    expect((await w.call<Item<Verification>>('POST', '/admin/verify')).json.item.startedAt).toBe(json.item.startedAt);
    const found = await ended();
    expect(found).toMatchObject({ state: 'passed', firstDifference: null, requests: 36, recoverable: 0 });
    expect(found.checks.length).toBeGreaterThan(8);
    expect(found.checks.every(({ ok }) => ok)).toBe(true);
    expect(await w.item('/admin/verify')).toEqual(found);
  }, 30_000);

  test('finds a planted difference and logs it', async () => {
    w.api.db.prepare('UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 2').run();
    await w.call('POST', '/admin/verify');
    const found = await ended();
    expect([found.state, found.firstDifference]).toEqual(['failed', expect.stringContaining('buyer_2')]);
    expect(w.api.logs.map(({ event }) => event)).toContain('alert_verify_failed');
  }, 30_000);

  test('that cannot be made says why', async () => {
    w.api.plan({ database: `${w.api.folder}/none.db` });
    await w.call('POST', '/admin/verify');
    expect(await ended()).toMatchObject({ state: 'failed', firstDifference: expect.stringContaining('could not be checked: there is no database') as unknown });
  }, 30_000);
});

describe('the audit log', () => {
  test('has one entry for each change, in pages, and by who, what and whom', async () => {
    await w.call('POST', '/admin/buyers/buyer_1/top-ups', { body: { amountUsdMicros: 5 } });
    await w.call('POST', '/admin/buyers/buyer_2/disable', { as: w.api.adminToken('nightly') });
    await w.call('DELETE', '/admin/keys/key_1');
    const all = (await w.pages<AuditEntry>('/admin/audit?limit=1')).flat();
    expect(all.map(({ action, actor, via, subjectName }) => [action, actor, via, subjectName])).toEqual([
      ['key.revoke', 'eva', 'token', ' of buyer 1'],
      ['buyer.disable', 'nightly', 'token', 'buyer 2'],
      ['token.create', 'test', 'cli', null],
      ['ledger.deposit', 'eva', 'token', 'buyer 1'],
    ]);
    const actions = async (query: string): Promise<string[]> => (await w.items<AuditEntry>(`/admin/audit?${query}`)).map(({ action }) => action);
    expect(await actions('actor=nightly')).toEqual(['buyer.disable']);
    expect(await actions('action=ledger')).toEqual(['ledger.deposit']);
    expect(await actions('subject=key_1')).toEqual(['key.revoke']);
    expect(await actions('buyerId=buyer_2')).toEqual(['buyer.disable']);
    expect(await actions('until=2026-11-20')).toEqual([]);
    expect((await w.refused('GET', '/admin/audit?cursor=7'))[0]).toBe(400);
    expect((await w.refused('GET', '/admin/audit?since=never'))[2]).toMatch(/^since: "never" is not a time/);
  });

  test('tells the address that a change came from, and that it came from the panel', async () => {
    await w.call('POST', '/admin/buyers/buyer_1/disable', { by: 'cookie' });
    expect((await w.items<AuditEntry>('/admin/audit'))[0]).toMatchObject({ actorKind: 'admin', actor: 'eva', via: 'console', address: '127.0.0.1' });
  });
});

test('a change by another connection is seen at once', async () => {
  const other = openDatabase(w.api.deps.plan().database, { mode: 'write' });
  other.prepare("UPDATE buyers SET name = 'renamed' WHERE id = 1").run();
  other.close();
  expect((await w.item<{ name: string }>('/admin/buyers/buyer_1')).name).toBe('renamed');
});
