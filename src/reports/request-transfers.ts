/** What the ledger wrote for a request: the end of its hold, and what its charge took beyond that. Read-only. */
import type { Db } from '../db/open.ts';
import { excessIdOf, shortfallIdOf, type RequestId, type TransferId } from '../ids.ts';
import { micro, ZERO, type MicroUsdc } from '../money.ts';

export interface RequestTransfer {
  readonly transferId: TransferId;
  readonly kind: 'post' | 'void' | 'excess' | 'shortfall';
  readonly amount: MicroUsdc;
  /** What a post or void released the hold of; null of the others. */
  readonly hold: MicroUsdc | null;
  /** Unix milliseconds, by the ledger's clock. */
  readonly at: number;
}

const QUERY = 'SELECT id, kind, amount, hold, at FROM transfers WHERE id IN (?, ?, ?) AND kind BETWEEN 3 AND 6 ORDER BY id';
const KINDS = { 3: 'post', 4: 'void', 5: 'excess', 6: 'shortfall' } as const;

interface Row {
  readonly id: bigint;
  readonly kind: bigint;
  readonly amount: bigint;
  readonly hold: bigint | null;
  readonly at: bigint;
}

/** Empty for a request that never held anything. */
export function readTransfers(db: Db, id: RequestId): RequestTransfer[] {
  const rows = db.prepare(QUERY).safeIntegers(true).all(id, excessIdOf(id), shortfallIdOf(id)) as Row[];
  return rows.map((row) => ({
    transferId: row.id as TransferId,
    kind: KINDS[Number(row.kind) as keyof typeof KINDS],
    amount: micro(row.amount),
    hold: row.hold === null ? null : micro(row.hold),
    at: Number(row.at),
  }));
}

/** How much of the hold came back, and what was debited in all. */
export function paidBy(transfers: readonly RequestTransfer[]): { released: MicroUsdc; debited: MicroUsdc; excess: MicroUsdc; shortfall: MicroUsdc } {
  const amountOf = (kind: RequestTransfer['kind']): MicroUsdc => transfers.find((transfer) => transfer.kind === kind)?.amount ?? ZERO;
  const end = transfers.find(({ hold }) => hold !== null);
  const excess = amountOf('excess');
  return {
    released: end === undefined ? ZERO : micro((end.hold ?? 0n) - end.amount),
    debited: micro((end?.amount ?? 0n) + excess),
    excess,
    shortfall: amountOf('shortfall'),
  };
}
