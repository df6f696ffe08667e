import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AdminBuyer, AdminKey, CreatedInvite, Deposited } from '../../../src/api/schemas/admin.ts';
import type { CreatedKey, RotatedKey } from '../../../src/api/schemas/buyer.ts';
import { digestKey } from '../../../src/registry/key-format.ts';
import { AdminWorld, type Item } from './admin-world.ts';

let w: AdminWorld;
beforeEach(() => void (w = new AdminWorld()));
afterEach(() => w.close());

describe('buyers', () => {
  test('come by id with their balance, live keys, sign-in and usage of today', async () => {
    w.end({ key: 2 });
    w.api.signInBuyer('buyer 2');
    const [one, two] = await w.items<AdminBuyer>('/admin/buyers');
    expect(one).toMatchObject({ buyerId: 'buyer_1', name: 'buyer 1', status: 'enabled', liveKeys: 2, signIn: 'none', lastSignInAt: null, today: { requests: 0 } });
    expect(two).toMatchObject({ buyerId: 'buyer_2', signIn: 'invited', lastSignInAt: '2026-11-21T10:01:00.000Z', today: { requests: 1, chargeUsdMicros: 2_000, uncachedInputTokens: 1_000 }, balance: { balanceUsdMicros: 0, burnPerHourUsdMicros: 2_000 } });
    expect(await w.item('/admin/buyers/buyer_2')).toEqual(two);
  });

  test('come in pages that miss and repeat none', async () => {
    const pages = await w.pages<AdminBuyer>('/admin/buyers?limit=2');
    expect(pages.map((page) => page.map(({ buyerId }) => buyerId))).toEqual([['buyer_1', 'buyer_2'], ['buyer_3']]);
    expect((await w.refused('GET', '/admin/buyers?cursor=x')).slice(0, 2)).toEqual([400, 'invalid_request']);
  });

  test('are created by names that can be names, each once in any case', async () => {
    const { status, json } = await w.call<Item<AdminBuyer>>('POST', '/admin/buyers', { body: { name: ' acme ' } });
    expect([status, json.item]).toMatchObject([201, { buyerId: 'buyer_4', name: 'acme', liveKeys: 0, balance: { balanceUsdMicros: 0 } }]);
    expect(await w.refused('POST', '/admin/buyers', { name: 'ACME' })).toEqual([409, 'conflict', 'There is a buyer "acme" already (buyer_4).']);
    expect(await w.refused('POST', '/admin/buyers', { name: 'a,b' })).toMatchObject([400, 'invalid_request', expect.stringContaining('comma')]);
    expect((await w.refused('GET', '/admin/buyers/buyer_99'))[0]).toBe(404);
  });

  test('are disabled and enabled again; what is so already is no change', async () => {
    for (const [path, status] of [['disable', 'disabled'], ['disable', 'disabled'], ['enable', 'enabled']] as const)
      expect((await w.call<Item<AdminBuyer>>('POST', `/admin/buyers/buyer_1/${path}`)).json.item.status).toBe(status);
    expect(w.auditRows().map(({ action, actor }) => [action, actor])).toEqual([['buyer.disable', 'eva'], ['buyer.enable', 'eva']]);
  });

  test('are invited by a link that is shown once, and only reset when that is asked for', async () => {
    const { status, json } = await w.call<Item<CreatedInvite>>('POST', '/admin/buyers/buyer_1/invite');
    expect([status, json.item.name, json.item.reset]).toEqual([201, 'buyer 1', false]);
    expect(json.item.url).toMatch(/^http:\/\/127\.0\.0\.1:8787\/console\/invite#iv_[\w-]{43}$/);
    w.api.db.prepare("UPDATE logins SET password = 'scrypt$x' WHERE kind = 'buyer'").run();
    expect(await w.refused('POST', '/admin/buyers/buyer_1/invite', { reset: false })).toMatchObject([409, 'conflict', expect.stringContaining('signed up already')]);
    expect((await w.call<Item<CreatedInvite>>('POST', '/admin/buyers/buyer_1/invite', { body: { reset: true } })).json.item.reset).toBe(true);
  });
});

describe('money', () => {
  const topUp = (body: unknown) => w.call<Item<Deposited>>('POST', '/admin/buyers/buyer_1/top-ups', { body });

  test('a top-up is applied once by its reference: 201, then 200 without a change', async () => {
    const first = await topUp({ amountUsdMicros: 100_000_000, reference: 'tx_1' });
    expect([first.status, first.json.item]).toMatchObject([201, { applied: true, kind: 'deposit', balanceBeforeUsdMicros: 0, balanceUsdMicros: 100_000_000, availableUsdMicros: 100_000_000, reference: 'tx_1', reason: null }]);
    const again = await topUp({ amountUsdMicros: 100_000_000, reference: 'tx_1' });
    expect([again.status, again.json.item]).toMatchObject([200, { applied: false, balanceUsdMicros: 100_000_000, transferId: first.json.item.transferId }]);
    expect(await w.refused('POST', '/admin/buyers/buyer_1/top-ups', { amountUsdMicros: 5, reference: 'tx_1' })).toMatchObject([409, 'conflict', expect.stringMatching(/^Reference "tx_1" was used before with another amount/)]);
    expect(w.auditRows().map(({ action, subject }) => [action, subject])).toEqual([['ledger.deposit', 'buyer_1']]);
  });

  test('an adjustment may take back what is available, and no more', async () => {
    await topUp({ amountUsdMicros: 10_000_000 });
    const target = '/admin/buyers/buyer_1/adjustments';
    const { status, json } = await w.call<Item<Deposited>>('POST', target, { body: { amountUsdMicros: -2_500_000, reason: 'credited twice' } });
    expect([status, json.item]).toMatchObject([201, { kind: 'adjust', amountUsdMicros: -2_500_000, balanceUsdMicros: 7_500_000, reason: 'credited twice' }]);
    expect(await w.refused('POST', target, { amountUsdMicros: -7_500_001, reason: 'more' })).toEqual([422, 'refused', 'Cannot take 7.500001 USDC from buyer 1: 7.500000 is available (balance 7.500000, held 0.000000).']);
  });

  test('is whole micro-USDC within bounds, and words are visible', async () => {
    const target = '/admin/buyers/buyer_1/top-ups';
    for (const amountUsdMicros of [0, -1, 1.5, '100', 9_000_000_000_000_001, null])
      expect((await w.refused('POST', target, { amountUsdMicros })).slice(0, 2), String(amountUsdMicros)).toEqual([400, 'invalid_request']);
    expect((await w.refused('POST', '/admin/buyers/buyer_1/adjustments', { amountUsdMicros: 0, reason: 'x' }))[2]).toContain('nothing to do');
    expect((await w.refused('POST', target, { amountUsdMicros: 1, reference: 'a\u202eb' }))[2]).toMatch(/^reference: it may have no control or invisible characters/);
    expect((await w.refused('POST', '/admin/buyers/buyer_99/top-ups', { amountUsdMicros: 1 }))[0]).toBe(404);
    expect(w.auditRows()).toEqual([]);
  });

  test('more than the ledger can sum is refused in words', async () => {
    await topUp({ amountUsdMicros: 9_000_000_000_000_000 });
    expect(await w.refused('POST', '/admin/buyers/buyer_1/top-ups', { amountUsdMicros: 1 })).toMatchObject([422, 'refused', expect.stringContaining('would exceed')]);
  });
});

describe('keys', () => {
  test('are listed for all buyers, of one, live or revoked, masked and with their last use', async () => {
    w.end({ key: 2 });
    await w.call('DELETE', '/admin/keys/key_4');
    const all = await w.items<AdminKey>('/admin/keys');
    expect(all.map(({ keyId }) => keyId)).toEqual(['key_1', 'key_2', 'key_3', 'key_4', 'key_5', 'key_6']);
    expect(all[2]).toMatchObject({ buyer: 'buyer 2', key: 'rk_…abcd', lastUsedAt: '2026-11-21T10:01:00.000Z' });
    expect((await w.items<AdminKey>('/admin/keys?buyerId=buyer_2&status=live')).map(({ keyId }) => keyId)).toEqual(['key_3']);
    expect((await w.items<AdminKey>('/admin/keys?status=revoked')).map(({ keyId, status }) => [keyId, status])).toEqual([['key_4', 'revoked']]);
  });

  test('are created and rotated; the secret is shown, works, and is nowhere else', async () => {
    const { status, json } = await w.call<Item<CreatedKey>>('POST', '/admin/buyers/buyer_1/keys', { body: { label: 'ci' } });
    const secret = json.item.routeApiKey ?? '';
    expect([status, json.item]).toMatchObject([201, { buyerId: 'buyer_1', keyId: 'key_7', label: 'ci' }]);
    const rotated = (await w.call<Item<RotatedKey>>('POST', '/admin/keys/key_7/rotate')).json.item;
    expect(rotated).toMatchObject({ buyerId: 'buyer_1', keyId: 'key_8', label: 'ci', oldKeyId: 'key_7' });
    const idOf = (key: string | null): unknown => w.api.db.prepare('SELECT id, revoked_at IS NULL AS live FROM keys WHERE digest = ?').get(Buffer.from(digestKey(key ?? ''), 'hex'));
    expect([idOf(secret), idOf(rotated.routeApiKey)]).toEqual([{ id: 7, live: 0 }, { id: 8, live: 1 }]);
    expect(JSON.stringify(w.auditRows())).not.toContain(secret);
    expect(await w.refused('POST', '/admin/keys/key_7/rotate')).toMatchObject([409, 'conflict', expect.stringContaining('replaced by key_8')]);
    expect((await w.refused('POST', '/admin/keys/key_99/rotate'))[0]).toBe(404);
  });

  test('that are revoked stay so, and are recorded once', async () => {
    for (let i = 0; i < 2; i++) expect((await w.call<Item<AdminKey>>('DELETE', '/admin/keys/key_1')).json.item.status).toBe('revoked');
    expect(w.auditRows().map(({ action, subject }) => [action, subject])).toEqual([['key.revoke', 'key_1']]);
  });
});
