/** Rows of refusals are the least important thing that the ledger writes: a flood of them must not hold up anything else. */
import * as path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type KeyId, type RequestId } from '../../src/ids.ts';
import { openDirectLedger } from '../../src/ledger/direct.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite.ts';
import { micro } from '../../src/money.ts';
import { createDatabase, generationOf, holdOf, postOf, recordOf, temporaryFolder } from './fixtures.ts';

let folder: ReturnType<typeof temporaryFolder>;
let db: Db;
let ledger: Ledger;
let buyer: BuyerId;
let nextId: () => RequestId;

beforeEach(async () => {
  folder = temporaryFolder();
  const file = path.join(folder.path, 'ledger.db');
  buyer = createDatabase(file)[0] as BuyerId;
  db = openDatabase(file, { mode: 'write' });
  openDirectLedger(db).deposit({ buyerId: buyer, amount: micro(1_000_000n), kind: 'deposit', reference: null, reason: null });
  ledger = await openLedger({ file });
  nextId = createRequestIds(ledger.instance);
});
afterEach(async () => {
  await ledger.close();
  db.close();
  folder.remove();
});

const refuse = (keyId: number): void =>
  ledger.recordRefusal(recordOf(nextId(), buyer, { keyId: keyId as KeyId, status: 'refused', httpStatus: 402, usageSource: 'none', detail: { message: 'x'.repeat(480) } }));
const refusals = (): number => db.prepare("SELECT count(*) FROM requests WHERE status = 'refused'").pluck().get() as number;

/** Far more than the way to the writer holds at a time. */
const FLOOD = 8_000;

it.each([
  ['one key, most of them beyond its limit', () => 1, { atLeast: 60, atMost: 60 }],
  ['many keys, all of them within their limits', (i: number) => i, { atLeast: 1_000, atMost: FLOOD - 1 }],
])('a flood of refusals of %s holds up neither a settlement nor a hold', async (_, keyOf, { atLeast, atMost }) => {
  for (let i = 0; i < 100; i++) refuse(keyOf(i));
  await ledger.writable();
  const [held, next] = [nextId(), nextId()];
  const generation = generationOf(db);
  expect((await ledger.hold(holdOf(held, buyer, 100n, { generation }))).kind).toBe('created');
  for (let i = 0; i < FLOOD; i++) refuse(keyOf(100 + i));
  expect((await ledger.settle(postOf(held, buyer, 50n))).kind).toBe('posted');
  expect((await ledger.hold(holdOf(next, buyer, 100n, { generation }))).kind).toBe('created');
  await ledger.settle(postOf(next, buyer, 50n));
  expect(refusals()).toBeGreaterThanOrEqual(atLeast);
  expect(refusals()).toBeLessThanOrEqual(atMost + 100);
}, 15_000);
