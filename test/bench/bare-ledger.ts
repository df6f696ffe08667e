/** The yardstick: the ledger's statements and commits in a bare loop, with nothing decided and nothing transported. */
import { openDatabase } from '../../src/db/open.ts';
import { createRequestIds, type BuyerId, type InstanceId } from '../../src/ids.ts';
import { postOf, holdOf } from '../ledger/fixtures.ts';
import { REVENUE } from '../../src/ledger/books.ts';
import { requestRowOf } from '../../src/ledger/operations.ts';
import { prepareStatements, pushOpen, pushRequest, TRANSFER } from '../../src/ledger/statements.ts';

export interface BareLoopOptions {
  readonly inFlight: number;
  readonly seconds: number;
  readonly buyers: number;
}

/**
 * Pairs per second. With n in flight, each transaction opens n/2 holds and settles the n/2 of the one before (one
 * in flight: a transaction for the hold, one for its end), updates every buyer's account, and is committed durably.
 */
export function bareLoop(file: string, { inFlight, seconds, buyers }: BareLoopOptions): number {
  const db = openDatabase(file, { mode: 'create' });
  const sql = prepareStatements(db);
  for (let i = 1; i <= buyers; i++) db.prepare("INSERT INTO buyers(name, created_at) VALUES ('buyer ' || ?, 0)").run(i);
  const nextId = createRequestIds(1 as InstanceId);
  const at = Date.now();
  const size = Math.max(1, inFlight / 2);
  let open: { id: ReturnType<typeof nextId>; buyer: BuyerId }[] = [];
  let pairs = 0;
  const transact = (opening: boolean, ending: boolean): void => {
    const opened = opening ? Array.from({ length: size }, (_, i) => ({ id: nextId(), buyer: ((i % buyers) + 1) as BuyerId })) : [];
    const opens: unknown[] = [];
    const transfers: unknown[] = [];
    const requests: unknown[] = [];
    for (const { id, buyer } of opened) pushOpen(opens, holdOf(id, buyer, 5000n), 1);
    const ended = ending ? open : [];
    for (const { id, buyer } of ended) {
      transfers.push(id, TRANSFER.post, buyer, REVENUE, 4200n, 5000n, at);
      pushRequest(requests, requestRowOf(postOf(id, buyer, 4200n).record), { charge: 4200n, hold: 5000n, shortfall: 0n, at });
    }
    sql.begin.run();
    sql.head.get();
    sql.takeOpen.returning(ended.map(({ id }) => id));
    sql.insertOpen.run(opens);
    sql.insertTransfers.run(transfers);
    sql.insertRequests.run(requests);
    for (let buyer = 1; buyer <= Math.min(buyers, size); buyer++) {
      sql.account.get(buyer);
      sql.setAccount.run(0n, 0n, 0n, BigInt(pairs + buyer), buyer);
    }
    sql.account.get(REVENUE);
    sql.setAccount.run(0n, 0n, 0n, BigInt(pairs), REVENUE);
    sql.setClock.run(at);
    sql.commit.run();
    pairs += ended.length;
    open = opened;
  };
  const started = performance.now();
  const end = started + seconds * 1000;
  while (performance.now() < end) {
    if (inFlight === 1) {
      transact(true, false);
      transact(false, true);
    } else transact(true, true);
  }
  const rate = pairs / ((performance.now() - started) / 1000);
  db.close();
  return rate;
}
