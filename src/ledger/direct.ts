/** The ledger for commands: deposits and balances on an open database, synchronously, without a worker. */
import type { Db } from '../db/open.ts';
import type { BuyerId, InstanceId } from '../ids.ts';
import { micro } from '../money.ts';
import { ApplyFailure, createEngine, unavailableReason, type Engine } from './engine.ts';
import type { Balance, Deposit, DepositOutcome } from './ledger.ts';
import { assertDeposit } from './operations.ts';

export interface DirectLedger {
  /** On disk when it returns. Throws `RangeError` for an amount or kind that the ledger does not know. */
  deposit(deposit: Deposit): DepositOutcome;
  /** Null when there is no such buyer. */
  balance(buyerId: BuyerId): Balance | null;
}

/** Works beside a running gateway: the database is the only authority. */
export function openDirectLedger(db: Db): DirectLedger {
  const balance = createBalanceReader(db);
  let engine: Engine | undefined;
  return {
    deposit(deposit) {
      assertDeposit(deposit);
      try {
        // No holds are made here, so they need no owner.
        engine ??= createEngine(db, { instance: 0 as InstanceId });
        const [outcome] = engine.apply([{ op: 'deposit', deposit }]);
        return outcome as DepositOutcome;
      } catch (error) {
        if (error instanceof ApplyFailure && error.kind !== 'fatal') return { kind: 'unavailable', reason: unavailableReason(error.kind) };
        throw error;
      }
    },
    balance,
  };
}

export function createBalanceReader(db: Db): (buyerId: BuyerId) => Balance | null {
  const read = db.prepare('SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE id = ? AND id > 0').raw().safeIntegers();
  return (buyerId) => {
    const row = read.get(buyerId) as [bigint, bigint] | undefined;
    return row ? { balance: micro(row[0]), held: micro(row[1]) } : null;
  };
}
