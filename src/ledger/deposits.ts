/** Top-ups and adjustments inside a batch. They are rare, so each is written at once. */
import { randomInt } from 'node:crypto';
import { ID_EPOCH_MS, type TransferId } from '../ids.ts';
import { MICRO_USDC_MAX, micro } from '../money.ts';
import type { Batch } from './batch.ts';
import { balanceOf, fund, FUNDING, heldOf, type Counters } from './books.ts';
import type { Deposit, DepositOutcome } from './ledger.ts';
import { TRANSFER, type Statements } from './statements.ts';

export function applyDeposit(batch: Batch, deposit: Deposit): DepositOutcome {
  const before = batch.account(deposit.buyerId);
  if (!before) return { kind: 'noBuyer' };
  const repeated = repeatedReference(batch.sql, deposit, before);
  if (repeated) return repeated;
  // Far below SQLite's 2^63, so that no sum of ours can ever leave it.
  if (before.creditsPosted + deposit.amount > MICRO_USDC_MAX)
    return { kind: 'tooMuch', reason: `the buyer's deposits would exceed ${MICRO_USDC_MAX} micro-USDC in all` };
  // What the books show in sums has to be exact in JSON, too.
  if (deposit.amount > 0n && batch.funded() + deposit.amount > MICRO_USDC_MAX)
    return { kind: 'tooMuch', reason: `all buyers' deposits would exceed ${MICRO_USDC_MAX} micro-USDC` };
  const after = fund(before, deposit.amount);
  if (!after) return { kind: 'insufficientFunds', balance: balanceIn(before) };
  const transferId = unusedTransferId(batch.sql, batch.at);
  const incoming = deposit.amount > 0n;
  batch.sql.insertDeposit.run(
    transferId,
    TRANSFER[deposit.kind],
    incoming ? FUNDING : deposit.buyerId,
    incoming ? deposit.buyerId : FUNDING,
    incoming ? deposit.amount : 0n - deposit.amount,
    batch.at,
    deposit.reference,
    deposit.reason,
  );
  batch.setAccount(deposit.buyerId, after);
  batch.moveFunding(deposit.amount);
  return { kind: 'created', transferId, balance: balanceIn(after), before: balanceIn(before) };
}

function repeatedReference(sql: Statements, deposit: Deposit, buyer: Counters): DepositOutcome | null {
  if (deposit.reference === null) return null;
  const row = sql.transferByReference.get(deposit.reference) as [bigint, bigint, bigint, bigint, bigint] | undefined;
  if (!row) return null;
  const [id, kind, debit, credit, size] = row;
  const transferId = id as TransferId;
  const incoming = Number(debit) === FUNDING;
  if (Number(incoming ? credit : debit) !== deposit.buyerId) return { kind: 'conflict', transferId, field: 'buyer' };
  if ((incoming ? size : -size) !== deposit.amount) return { kind: 'conflict', transferId, field: 'amount' };
  if (Number(kind) !== TRANSFER[deposit.kind]) return { kind: 'conflict', transferId, field: 'kind' };
  return { kind: 'exists', transferId, balance: balanceIn(buyer) };
}

/**
 * Ordered by time like request ids, and apart from them: the two lowest bits are 3, which no request's transfers
 * have. Two processes may meet at one id, so it is looked up inside the transaction.
 */
function unusedTransferId(sql: Statements, at: number): TransferId {
  const ms = BigInt(Math.max(0, Math.floor(at) - ID_EPOCH_MS));
  for (;;) {
    const id = (ms << 22n) | (BigInt(randomInt(1 << 20)) << 2n) | 3n;
    if (sql.transferKind.get(id) === undefined) return id as TransferId;
  }
}

const balanceIn = (account: Counters) => ({ balance: balanceOf(account), held: micro(heldOf(account)) });
