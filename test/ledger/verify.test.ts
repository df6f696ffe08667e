import { beforeEach, describe, expect, it } from 'vitest';
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { addBuyers, generationOf, holdOf, postOf, recordOf, voidOf } from './fixtures.ts';

let db: Db;

/** One request each: posted, posted beyond its hold with a shortfall, voided, refused, open. */
beforeEach(() => {
  db = openMemoryDatabase();
  const buyer = addBuyers(db, ['acme'])[0] as BuyerId;
  const engine = createEngine(db, { instance: 1 as InstanceId });
  const nextId = createRequestIds(1 as InstanceId);
  const generation = generationOf(db);
  const settle = ({ record, ...rest }: ReturnType<typeof postOf>) => engine.apply([{ op: 'settle', settlement: { ...rest, record: requestRowOf(record) } }]);
  const hold = (amount: bigint) => {
    const id = nextId();
    engine.apply([{ op: 'hold', hold: holdOf(id, buyer, amount, { generation }) }]);
    return id;
  };
  engine.apply([{ op: 'deposit', deposit: { buyerId: buyer, amount: micro(1_000n), kind: 'deposit', reference: 'r', reason: null } }]);
  settle(postOf(hold(100n), buyer, 60n));
  settle(voidOf(hold(100n), buyer));
  hold(300n);
  settle(postOf(hold(100n), buyer, 900n));
  engine.apply([{ op: 'refusal', record: requestRowOf(recordOf(nextId(), buyer, { status: 'refused' })) }]);
});

it('passes sound books and counts what they hold', () => {
  // The open hold's instance has no row: its process is gone.
  expect(verifyDatabase(db)).toMatchObject({ ok: true, firstDifference: null, recoverable: 1, requests: 4, transfers: 6 });
});

describe('verify finds', () => {
  const tamperings: [what: string, sql: string, check: string][] = [
    ['a balance that was raised', 'UPDATE accounts SET credits_posted = credits_posted + 1 WHERE id = 1', 'accounts'],
    ['a hold that no account knows', 'UPDATE open_requests SET hold = hold + 1, worst_case = worst_case + 1', 'accounts'],
    ['a deposit that was changed', 'UPDATE transfers SET amount = amount + 1 WHERE kind = 1', 'accounts'],
    ['a deposit that was removed', 'DELETE FROM transfers WHERE kind = 1', 'accounts'],
    ['an account that was removed', 'DELETE FROM accounts WHERE id = 1', 'accounts'],
    ['a transfer between the wrong accounts', 'UPDATE transfers SET debit = -3 WHERE kind = 2 OR kind = 4', 'transfers'],
    ['a post whose request is missing', 'DELETE FROM requests WHERE charge = 60', 'one end per request'],
    ['a request whose end is missing', 'DELETE FROM transfers WHERE kind = 4', 'one end per request'],
    ['a refused request that was billed', "UPDATE requests SET hold = NULL WHERE charge = 60", 'one end per request'],
    ['a charge that is not what was debited', 'UPDATE requests SET charge = charge + 1 WHERE charge = 60', 'charges'],
    ['a shortfall that is not in the ledger', 'UPDATE requests SET shortfall = shortfall - 1, charge = charge - 1 WHERE shortfall > 0', 'charges'],
    ['a charge to another buyer', 'UPDATE requests SET buyer_id = 2 WHERE charge = 60', 'charges'],
    ['an excess of a hold that was not used up', 'UPDATE transfers SET hold = hold + 1 WHERE hold = amount; UPDATE requests SET hold = hold + 1 WHERE shortfall > 0', 'excess'],
    [
      'a request that is open and settled',
      'INSERT INTO open_requests(id,instance,buyer_id,key_id,route_id,card_version,model,hold,worst_case,quote_basis,output_tokens_max,upstream,started_at) SELECT id,1,1,1,1,1,model,0,0,quote_basis,1,upstream,0 FROM requests WHERE charge = 60',
      'open or settled',
    ],
    ['a clock that was turned back', 'UPDATE ledger_clock SET at = 5', 'clock'],
    ['a settlement at another time than its transfer', 'UPDATE requests SET settled_at = settled_at - 1 WHERE charge = 60', 'clock'],
    ['a key without a buyer', "INSERT INTO keys(buyer_id,label,digest,prefix,last4,created_at) VALUES (77,'',x'','','',0)", 'references'],
  ];
  it.each(tamperings)('%s', (_, sql, check) => {
    db.exec('DROP TRIGGER transfers_immutable; DROP TRIGGER transfers_kept; DROP TRIGGER requests_immutable; DROP TRIGGER requests_kept; PRAGMA foreign_keys = OFF');
    db.exec(sql);
    const { ok, checks, firstDifference } = verifyDatabase(db);
    expect(ok).toBe(false);
    expect(checks.filter((c) => !c.ok).map(({ name }) => name)).toContain(check);
    expect(firstDifference).toMatch(/^[a-z ]+: .{10}/);
  });

  it('a balance below what is held', () => {
    db.exec('PRAGMA ignore_check_constraints = ON; UPDATE accounts SET debits_posted = debits_posted + 1000000 WHERE id = 1');
    expect(verifyDatabase(db).checks.find(({ name }) => name === 'never negative')).toMatchObject({ ok: false, detail: expect.stringMatching(/buyer_1/) });
  });
});
