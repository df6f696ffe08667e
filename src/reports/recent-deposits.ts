/** A buyer's last top-ups and adjustments. Read-only. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId } from '../ids.ts';
import { micro, type MicroUsdc } from '../money.ts';

export interface RecentDeposit {
  /** Unix ms. */
  readonly at: number;
  /** Below zero: taken away by an adjustment. */
  readonly amount: MicroUsdc;
  readonly kind: 'deposit' | 'adjust';
  readonly reference: string | null;
  readonly reason: string | null;
}

/** `transfers.kind`. */
const DEPOSIT = 1n;

/** Newest first, by the index of what funds; a buyer who was never funded costs a walk through all top-ups. */
const QUERY = `SELECT kind, debit, amount, at, reference, reason FROM transfers
  WHERE kind IN (1, 2) AND (credit = @buyer OR debit = @buyer) ORDER BY at DESC LIMIT @limit`;

interface Row {
  readonly kind: bigint;
  readonly debit: bigint;
  readonly amount: bigint;
  readonly at: bigint;
  readonly reference: string | null;
  readonly reason: string | null;
}

export function recentDeposits(db: Db, buyerId: BuyerId, limit: number): RecentDeposit[] {
  const rows = prepared(db, QUERY, 'big rows').all({ buyer: buyerId, limit }) as Row[];
  return rows.map(({ kind, debit, amount, at, reference, reason }) => ({
    at: Number(at),
    amount: micro(Number(debit) === buyerId ? -amount : amount),
    kind: kind === DEPOSIT ? 'deposit' : 'adjust',
    reference,
    reason,
  }));
}
