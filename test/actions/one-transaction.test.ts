/** A change and its record are on disk together or not at all. */
import * as path from 'node:path';
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
import { openDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId, KeyId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { aliasOf, cardTimes, openScratch, type Scratch } from '../registry/scratch.ts';
import { raceTwo } from '../support/start-racer.ts';
import { auditOf, changesOf, depositOf, EVA, NOW, refuseRecords } from './acting.ts';

const BUYER = 1 as BuyerId;
const FAST = aliasOf('fast');

let scratch: Scratch;
let db: Db;
beforeEach(() => {
  scratch = openScratch();
  db = scratch.db;
  createBuyer(db, EVA, { name: 'acme', now: NOW });
  createKey(db, EVA, { buyerId: BUYER, label: 'ci', now: NOW });
  createRoute(db, EVA, { alias: FAST, upstream: 'anthropic', card: cardTimes('1'), now: NOW });
  deposit(db, EVA, depositOf(BUYER, 1_000_000), NOW);
});
afterEach(() => scratch.remove());

/** Everything that actions write. */
const contents = (): unknown =>
  ['buyers', 'keys', 'routes', 'route_buyers', 'price_cards', 'accounts', 'transfers', 'audit'].map((table) => db.prepare(`SELECT * FROM ${table}`).safeIntegers().all());

const ACTIONS: Readonly<Record<string, () => unknown>> = {
  createBuyer: () => createBuyer(db, EVA, { name: 'beta', now: NOW }),
  setBuyerDisabled: () => setBuyerDisabled(db, EVA, { buyerId: BUYER, disabled: true, now: NOW }),
  createKey: () => createKey(db, EVA, { buyerId: BUYER, label: 'prod', now: NOW }),
  rotateKey: () => rotateKey(db, EVA, { buyerId: BUYER, keyId: null, rotationId: null, now: NOW }),
  revokeKey: () => revokeKey(db, EVA, { keyId: 1 as KeyId, now: NOW }),
  deposit: () => deposit(db, EVA, depositOf(BUYER, 5), NOW),
  createRoute: () => createRoute(db, EVA, { alias: aliasOf('slow'), upstream: 'anthropic', card: cardTimes('1'), now: NOW }),
  changeRoute: () => changeRoute(db, EVA, { alias: FAST, decide: () => ({ card: cardTimes('1.1'), buyers: [BUYER] }), now: NOW }),
  deleteRoute: () => deleteRoute(db, EVA, { alias: FAST, now: NOW }),
};

describe.each(Object.entries(ACTIONS))('%s', (_name, act) => {
  it('changes nothing when it cannot be recorded', () => {
    const before = contents();
    refuseRecords(db);
    expect(act).toThrow('no record today');
    expect(contents()).toEqual(before);
    expect(db.inTransaction).toBe(false);
  });

  it('leaves nothing when the transaction around it fails', () => {
    const before = contents();
    const around = db.transaction(() => {
      act();
      throw new Error('the rest failed');
    });
    expect(() => around.immediate()).toThrow('the rest failed');
    expect(contents()).toEqual(before);
  });

  it('is on disk, with one record, when the transaction around it is', () => {
    db.transaction(act).immediate();
    const other = openDatabase(scratch.file, { mode: 'read' });
    expect(auditOf(other)).toHaveLength(5);
    expect(verifyDatabase(other)).toMatchObject({ ok: true });
    other.close();
  });
});

it('a decision that throws changes nothing', () => {
  const before = contents();
  const decide = (): never => {
    throw new Error('no such upstream');
  };
  expect(() => changeRoute(db, EVA, { alias: FAST, decide, now: NOW })).toThrow('no such upstream');
  expect(contents()).toEqual(before);
});

it('a top-up is refused in words while another process writes, with no record', () => {
  const other = openDatabase(scratch.file, { mode: 'write' });
  const impatient = openDatabase(scratch.file, { mode: 'write', busyTimeoutMs: 1 });
  other.exec('BEGIN IMMEDIATE');
  expect(deposit(impatient, EVA, depositOf(BUYER, 5), NOW)).toEqual({ kind: 'unavailable', reason: expect.stringContaining('busy') as string });
  other.exec('ROLLBACK');
  expect(deposit(impatient, EVA, depositOf(BUYER, 5), NOW).kind).toBe('created');
  other.close();
  impatient.close();
  expect(changesOf(db).filter(({ action }) => action === 'ledger.deposit')).toHaveLength(2);
});

it('a top-up that finds the disk full is refused in words, and leaves neither transfer nor record', () => {
  db.pragma(`max_page_count = ${String(db.pragma('page_count', { simple: true }))}`);
  const topUp = () => deposit(db, EVA, depositOf(BUYER, 5, { reason: 'x'.repeat(200) }), NOW);
  const outcomes = Array.from({ length: 200 }, topUp);
  const made = outcomes.filter(({ kind }) => kind === 'created').length;
  expect(outcomes.at(-1)).toEqual({ kind: 'unavailable', reason: 'the disk is full' });
  // Inside a transaction of someone else's it is the same; what that one did before is still its own.
  const around = db.transaction(() => {
    expect(setBuyerDisabled(db, EVA, { buyerId: BUYER, disabled: true, now: NOW })).toBe(true);
    return topUp().kind;
  });
  expect(around.immediate()).toBe('unavailable');
  db.pragma('max_page_count = 1000000');
  expect(changesOf(db).filter(({ action }) => action === 'ledger.deposit')).toHaveLength(made + 1);
  expect(db.prepare('SELECT count(*) FROM transfers').pluck().get()).toBe(made + 1);
  expect(changesOf(db).at(-1)?.action).toBe('buyer.disable');
  expect(verifyDatabase(db)).toMatchObject({ ok: true });
});

it('two processes that do the same leave one change and one record each time', async () => {
  const rounds = 30;
  const child = path.join(import.meta.dirname, 'race-child.ts');
  const [first, second] = await raceTwo<string>(child, [scratch.file, String(rounds)]);
  for (let i = 0; i < rounds; i++) expect(new Set([first[i], second[i]])).toEqual(new Set(['created', 'exists']));
  const deposits = changesOf(db).filter(({ action }) => action === 'ledger.deposit');
  expect(deposits).toHaveLength(rounds + 1);
  // Each one begins where the last one ended: no record tells of a balance that never was.
  for (const [i, { before }] of deposits.slice(1).entries()) expect(before?.['balanceUsdMicros']).toBe(deposits[i]?.after?.['balanceUsdMicros']);
  expect(openDirectLedger(db).balance(BUYER)?.balance).toBe(BigInt(deposits.at(-1)?.after?.['balanceUsdMicros'] as number));
});
