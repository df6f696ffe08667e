import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkRules } from '../../src/alerts/check-rules.ts';
import { openDatabase, type Db } from '../../src/db/open.ts';
import { LOW, openAlertWorld, type AlertWorld } from './alert-world.ts';

let world: AlertWorld;
let db: Db;
beforeEach(async () => {
  world = await openAlertWorld();
  db = openDatabase(world.file, { mode: 'write' });
});
afterEach(async () => {
  db.close();
  await world.close();
});

const check = () => checkRules(db, { rules: [LOW], webhooks: ['ops'], now: world.now() });

/** Something happens after the rules were looked at, and before what they found is written. */
function meanwhile(happens: () => void): void {
  const transaction = db.transaction.bind(db);
  db.transaction = ((run: Parameters<Db['transaction']>[0]) => {
    const made = transaction(run);
    const immediate = (...args: unknown[]): unknown => {
      happens();
      return made.immediate(...args);
    };
    return { deferred: () => made.deferred(), immediate };
  }) as unknown as Db['transaction'];
}

it('what is topped up in the same moment does not fire', () => {
  world.balance(1);
  meanwhile(() => world.balance(20));
  expect(check()).toEqual([]);
  expect(world.alerts()).toEqual([]);
});

it('what runs low again in the same moment does not clear', () => {
  world.balance(1);
  expect(check()).toMatchObject([{ kind: 'fired', subject: 'buyer_1' }]);
  world.balance(20);
  meanwhile(() => world.balance(2));
  expect(check()).toEqual([]);
  expect(world.alerts()).toMatchObject([{ clearedAt: null }]);
});

it('what nothing is to be said of is only read', () => {
  db.pragma('query_only = ON');
  expect(check()).toEqual([]);
});
