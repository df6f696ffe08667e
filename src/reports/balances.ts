/** What buyers have: posted, held, available, and how fast it burns. Read-only. */
import type { Db } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import { firstRequestIdAt } from '../ids.ts';
import type { MicroUsdc } from '../money.ts';
import { micro } from '../money.ts';

export interface BuyerBalance {
  readonly buyerId: BuyerId;
  readonly buyerName: string;
  readonly disabled: boolean;
  /** Posted credits − posted debits. */
  readonly balance: MicroUsdc;
  /** Reserved by requests that are running. */
  readonly held: MicroUsdc;
  readonly available: MicroUsdc;
  /** What the last 60 minutes charged, by settlement time. */
  readonly burnPerHour: MicroUsdc;
  /** Whole minutes until available is used up at this burn; null when nothing burns. */
  readonly emptyInMinutes: number | null;
}

const HOUR_MS = 3_600_000;
/**
 * Request rows have no index by settlement time, and one more index costs every request. Ids are ordered by start, so
 * the burn reads the requests that started in the last four hours: one that ran for three hours is not missed.
 */
const LOOK_BACK_MS = 4 * HOUR_MS;

const QUERY = `
SELECT b.id AS buyerId, b.name AS buyerName, b.disabled_at IS NOT NULL AS disabled,
       a.credits_posted - a.debits_posted AS balance, a.debits_pending AS held,
       (SELECT coalesce(sum(r.charge), 0) FROM requests r WHERE r.buyer_id = b.id AND r.id >= ? AND r.settled_at > ?) AS burn
FROM buyers b JOIN accounts a ON a.id = b.id`;

interface Row {
  readonly buyerId: bigint;
  readonly buyerName: string;
  readonly disabled: bigint;
  readonly balance: bigint;
  readonly held: bigint;
  readonly burn: bigint;
}

function balanceOf(row: Row): BuyerBalance {
  const available = micro(row.balance - row.held);
  return {
    buyerId: Number(row.buyerId) as BuyerId,
    buyerName: row.buyerName,
    disabled: row.disabled === 1n,
    balance: micro(row.balance),
    held: micro(row.held),
    available,
    burnPerHour: micro(row.burn),
    emptyInMinutes: row.burn === 0n ? null : Number((available * 60n) / row.burn),
  };
}

/** Balances of one buyer, or of all, by id. */
export function readBalances(db: Db, options: { buyerId: BuyerId | null; now: number }): BuyerBalance[] {
  const { buyerId, now } = options;
  const since = [firstRequestIdAt(now - LOOK_BACK_MS), now - HOUR_MS] as const;
  if (buyerId === null) {
    const statement = db.prepare(`${QUERY} ORDER BY b.id`).safeIntegers(true);
    return (statement.all(...since) as Row[]).map(balanceOf);
  }
  const statement = db.prepare(`${QUERY} WHERE b.id = ?`).safeIntegers(true);
  return (statement.all(...since, buyerId) as Row[]).map(balanceOf);
}
