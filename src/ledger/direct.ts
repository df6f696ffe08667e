/** The ledger for commands: deposits and balances on an open database, synchronously, without a worker. */
import type { Db } from '../db/open.ts';
import type { BuyerId, InstanceId } from '../ids.ts';
import { micro } from '../money.ts';
import { Batch } from './batch.ts';
import { failureKind, unavailableReason, type ApplyStage } from './engine.ts';
import type { Balance, Deposit, DepositOutcome } from './ledger.ts';
import { assertDeposit } from './operations.ts';
import { prepareStatements } from './statements.ts';
import { UsageWriter } from './usage-writer.ts';

export type MadeDeposit = Extract<DepositOutcome, { kind: 'created' }>;

export interface DirectLedger {
  /**
   * On disk when it returns; inside a transaction of the caller's, with that one. `also` runs in the same transaction
   * once the deposit is made: what it throws takes the deposit back. Throws `RangeError` for an amount or kind that the
   * ledger does not know.
   */
  deposit(deposit: Deposit, also?: (made: MadeDeposit) => void): DepositOutcome;
  /** Null when there is no such buyer. */
  balance(buyerId: BuyerId): Balance | null;
}

/** Works beside a running gateway: the database is the only authority. */
export function openDirectLedger(db: Db): DirectLedger {
  const balance = createBalanceReader(db);
  let apply: ReturnType<typeof createApply> | undefined;
  return {
    deposit(deposit, also) {
      assertDeposit(deposit);
      apply ??= createApply(db);
      return apply(deposit, also);
    },
    balance,
  };
}

/** One batch of one deposit, in a transaction of its own or as a savepoint of the caller's. */
function createApply(db: Db): (deposit: Deposit, also?: (made: MadeDeposit) => void) => DepositOutcome {
  const statements = prepareStatements(db);
  const usage = new UsageWriter(db);
  let stage: ApplyStage = 'begin';
  const run = db.transaction((deposit: Deposit, also?: (made: MadeDeposit) => void): DepositOutcome => {
    stage = 'work';
    // No holds are made here, so they need no owner.
    const [outcome] = new Batch(statements, { instance: 0 as InstanceId, now: Date.now(), usage }).run([{ op: 'deposit', deposit }]) as [DepositOutcome];
    if (outcome.kind === 'created') also?.(outcome);
    stage = 'commit';
    return outcome;
  });
  return (deposit, also) => {
    stage = 'begin';
    const nested = db.inTransaction;
    try {
      return run.immediate(deposit, also);
    } catch (error) {
      const kind = failureKind(error, stage);
      // A full disk may end the transaction around this one too: then its owner must not go on.
      if (kind === 'fatal' || (nested && !db.inTransaction)) throw error;
      return { kind: 'unavailable', reason: unavailableReason(kind) };
    }
  };
}

export function createBalanceReader(db: Db): (buyerId: BuyerId) => Balance | null {
  const read = db.prepare('SELECT credits_posted - debits_posted, debits_pending FROM accounts WHERE id = ? AND id > 0').raw().safeIntegers();
  return (buyerId) => {
    const row = read.get(buyerId) as [bigint, bigint] | undefined;
    return row ? { balance: micro(row[0]), held: micro(row[1]) } : null;
  };
}
