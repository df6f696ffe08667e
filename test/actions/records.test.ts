/** Each action leaves exactly one row that says what differs, and none where nothing changed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeRoute } from '../../src/actions/change-route.ts';
import { createBuyer } from '../../src/actions/create-buyer.ts';
import { createKey } from '../../src/actions/create-key.ts';
import { createRoute } from '../../src/actions/create-route.ts';
import { deleteRoute } from '../../src/actions/delete-route.ts';
import { deposit } from '../../src/actions/deposit.ts';
import { revokeKey } from '../../src/actions/revoke-key.ts';
import { rotateKey } from '../../src/actions/rotate-key.ts';
import { setBuyerDisabled } from '../../src/actions/set-buyer-disabled.ts';
import type { Db } from '../../src/db/open.ts';
import type { BuyerId, KeyId } from '../../src/ids.ts';
import { maskKey } from '../../src/registry/key-format.ts';
import { aliasOf, cardTimes, makeBuyer, openScratch, type Scratch } from '../registry/scratch.ts';
import { auditOf, changesOf, depositOf, EVA, NOW } from './acting.ts';

let scratch: Scratch;
let db: Db;
beforeEach(() => {
  scratch = openScratch();
  db = scratch.db;
});
afterEach(() => scratch.remove());

describe('buyers', () => {
  it('records who made one, from where and when', () => {
    createBuyer(db, EVA, { name: 'acme', now: NOW });
    expect(auditOf(db)).toEqual([
      { id: 1, at: NOW, by: EVA, action: 'buyer.create', subject: 'buyer_1', subjectName: 'acme', buyerId: 1, before: null, after: { name: 'acme' } },
    ]);
  });

  it('records no buyer that was there already', () => {
    createBuyer(db, EVA, { name: 'acme', now: NOW });
    expect(createBuyer(db, EVA, { name: 'Acme', now: NOW }).kind).toBe('exists');
    expect(auditOf(db)).toHaveLength(1);
  });

  it('records disabling and enabling, each once', () => {
    const buyerId = makeBuyer(db, 'acme');
    const switched = [true, true, false, false].map((disabled) => setBuyerDisabled(db, EVA, { buyerId, disabled, now: NOW }));
    expect(switched).toEqual([true, false, true, false]);
    expect(changesOf(db)).toEqual([
      { action: 'buyer.disable', subject: 'buyer_1', buyerId, before: { status: 'enabled' }, after: { status: 'disabled' } },
      { action: 'buyer.enable', subject: 'buyer_1', buyerId, before: { status: 'disabled' }, after: { status: 'enabled' } },
    ]);
  });

  it('records nothing for a buyer that does not exist', () => {
    expect(setBuyerDisabled(db, EVA, { buyerId: 9 as BuyerId, disabled: true, now: NOW })).toBe(false);
    expect(auditOf(db)).toEqual([]);
  });
});

describe('keys', () => {
  it('records a new one by its mask and label', () => {
    const buyerId = makeBuyer(db, 'acme');
    const { key } = createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
    expect(changesOf(db)).toEqual([{ action: 'key.create', subject: 'key_1', buyerId, before: null, after: { key: maskKey(key), label: 'ci' } }]);
    expect(auditOf(db)[0]?.subjectName).toBe('ci of acme');
  });

  it('records a rotation with both keys, and not its repeat or its refusal', () => {
    const buyerId = makeBuyer(db, 'acme');
    createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
    const rotation = { buyerId, keyId: null, rotationId: 'r1', now: NOW };
    const outcome = rotateKey(db, EVA, rotation);
    if (outcome.kind !== 'rotated') throw new Error(outcome.kind);
    expect(rotateKey(db, EVA, rotation).kind).toBe('repeated');
    expect(rotateKey(db, EVA, { ...rotation, keyId: 1 as KeyId, rotationId: null }).kind).toBe('revoked');
    const { old, created } = outcome;
    expect(changesOf(db).slice(1)).toEqual([
      { action: 'key.rotate', subject: 'key_1', buyerId, before: { keyId: 'key_1', key: maskKey(old) }, after: { keyId: 'key_2', key: maskKey(created.key) } },
    ]);
  });

  it('records a revocation once', () => {
    const buyerId = makeBuyer(db, 'acme');
    const { key } = createKey(db, EVA, { buyerId, label: 'ci', now: NOW });
    expect([1, 2].map(() => revokeKey(db, EVA, { keyId: key.id, now: NOW }))).toEqual([true, false]);
    expect(revokeKey(db, EVA, { keyId: 9 as KeyId, now: NOW })).toBe(false);
    expect(changesOf(db).slice(1)).toEqual([
      { action: 'key.revoke', subject: 'key_1', buyerId, before: { status: 'live', key: maskKey(key), label: 'ci' }, after: { status: 'revoked' } },
    ]);
  });
});

describe('balances', () => {
  it('records a top-up with the balances around it and its transfer', () => {
    const buyerId = makeBuyer(db, 'acme');
    deposit(db, EVA, depositOf(buyerId, 5_000_000), NOW);
    const made = deposit(db, EVA, depositOf(buyerId, 1_250_000, { reference: 'tx_1' }), NOW);
    if (made.kind !== 'created') throw new Error(made.kind);
    expect(changesOf(db)[1]).toEqual({
      action: 'ledger.deposit',
      subject: 'buyer_1',
      buyerId,
      before: { balanceUsdMicros: 5_000_000 },
      after: { balanceUsdMicros: 6_250_000, amountUsdMicros: 1_250_000, transferId: String(made.transferId), reference: 'tx_1' },
    });
  });

  it('records an adjustment with its reason', () => {
    const buyerId = makeBuyer(db, 'acme');
    deposit(db, EVA, depositOf(buyerId, 5_000_000), NOW);
    deposit(db, EVA, depositOf(buyerId, -2_000_000, { kind: 'adjust', reason: 'credited twice' }), NOW);
    expect(changesOf(db)[1]).toMatchObject({ action: 'ledger.adjust', after: { balanceUsdMicros: 3_000_000, amountUsdMicros: -2_000_000, reason: 'credited twice' } });
  });

  it('records no reference that was seen, and nothing that was refused', () => {
    const buyerId = makeBuyer(db, 'acme');
    const outcomes = [
      depositOf(buyerId, 5_000_000, { reference: 'tx_1' }),
      depositOf(buyerId, 5_000_000, { reference: 'tx_1' }),
      depositOf(buyerId, 7_000_000, { reference: 'tx_1' }),
      depositOf(buyerId, -6_000_000, { kind: 'adjust', reason: 'too much' }),
      depositOf(9 as BuyerId, 1_000_000),
    ].map((wanted) => deposit(db, EVA, wanted, NOW).kind);
    expect(outcomes).toEqual(['created', 'exists', 'conflict', 'insufficientFunds', 'noBuyer']);
    expect(auditOf(db)).toHaveLength(1);
  });
});

describe('routes', () => {
  const fast = aliasOf('fast');
  const make = (): void => void createRoute(db, EVA, { alias: fast, upstream: 'anthropic', card: cardTimes('1'), now: NOW });

  it('records a new one with its settings, card and prices', () => {
    make();
    make();
    expect(changesOf(db)).toEqual([
      {
        action: 'route.create',
        subject: 'route:fast',
        buyerId: null,
        before: null,
        after: expect.objectContaining({ upstream: 'anthropic', buyers: null, holdOutputTokens: null, cardVersion: 'pc_1', cardOrigin: cardTimes('1').origin }) as unknown,
      },
    ]);
    const prices = auditOf(db)[0]?.after?.['pricesPerMillionUsdMicros'];
    expect(prices).toMatchObject({ 'claude-opus-4-6': { input: 5_000_000, output: 25_000_000, cacheWrite5m: 6_250_000, cacheWrite1h: 10_000_000, cacheRead: 500_000 } });
  });

  it('records of a change only what differs', () => {
    make();
    const buyer = makeBuyer(db, 'acme');
    changeRoute(db, EVA, { alias: fast, decide: () => ({ upstream: 'other', buyers: [buyer], card: cardTimes('1') }), now: NOW });
    expect(changesOf(db)[1]).toMatchObject({ action: 'route.change', subject: 'route:fast' });
    expect(changesOf(db)[1]?.before).toEqual({ upstream: 'anthropic', buyers: null });
    expect(changesOf(db)[1]?.after).toEqual({ upstream: 'other', buyers: ['buyer_1'] });
  });

  it('records of a new card only the models whose prices changed', () => {
    make();
    const list = cardTimes('1');
    const body = list.body.replace('"500000"', '"400000"');
    expect(body).not.toBe(list.body);
    changeRoute(db, EVA, { alias: fast, decide: () => ({ card: { body, origin: { kind: 'file', file: 'acme.yaml' } } }), now: NOW });
    const { before, after } = changesOf(db)[1] ?? {};
    expect(Object.keys(after ?? {})).toEqual(['cardVersion', 'cardOrigin', 'pricesPerMillionUsdMicros']);
    expect(Object.keys(before?.['pricesPerMillionUsdMicros'] ?? {})).toHaveLength(1);
    expect(after).toMatchObject({ cardVersion: 'pc_2', cardOrigin: { kind: 'file', file: 'acme.yaml' } });
  });

  it('records no change to what it is already, and none of a route that is not there', () => {
    make();
    changeRoute(db, EVA, { alias: fast, decide: ({ upstream }) => ({ upstream }), now: NOW });
    changeRoute(db, EVA, { alias: aliasOf('slow'), decide: () => ({ upstream: 'other' }), now: NOW });
    expect(auditOf(db)).toHaveLength(1);
  });

  it('records a deletion once, with what was there', () => {
    make();
    expect([1, 2].map(() => deleteRoute(db, EVA, { alias: fast, now: NOW }))).toEqual([true, false]);
    expect(changesOf(db)).toHaveLength(2);
    expect(changesOf(db)[1]).toMatchObject({ action: 'route.delete', subject: 'route:fast', before: { upstream: 'anthropic', cardVersion: 'pc_1' }, after: null });
  });
});
