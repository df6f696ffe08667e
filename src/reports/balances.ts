/** What buyers have: posted, held, available, and how fast it burns. Read-only. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId } from '../ids.ts';
import type { MicroUsdc } from '../money.ts';
import { micro } from '../money.ts';
import { presentOf } from './present.ts';
import { CHARGE_COLUMNS } from './usage-columns.ts';

export interface BuyerBalance {
  readonly buyerId: BuyerId;
  readonly buyerName: string;
  readonly disabled: boolean;
  /** Posted credits − posted debits. */
  readonly balance: MicroUsdc;
  /** Reserved by requests that are running. */
  readonly held: MicroUsdc;
  readonly available: MicroUsdc;
  /** What was charged in the running minute and the 59 before it, by settlement time. */
  readonly burnPerHour: MicroUsdc;
  /** Whole minutes until available is used up at this burn; null when nothing burns. */
  readonly emptyInMinutes: number | null;
}

const MINUTE_MS = 60_000;
const BURN_MINUTES = 60;

const query = (whose: string, which: string): string => `
WITH burnt(buyer_id, charge) AS MATERIALIZED (
  SELECT buyer_id, sum(${CHARGE_COLUMNS.join(' + ')}) FROM usage_minutes WHERE minute > @before ${whose} GROUP BY buyer_id)
SELECT b.id AS buyerId, b.name AS buyerName, b.disabled_at IS NOT NULL AS disabled,
       a.credits_posted - a.debits_posted AS balance, a.debits_pending AS held, coalesce(u.charge, 0) AS burn
FROM buyers b JOIN accounts a ON a.id = b.id LEFT JOIN burnt u ON u.buyer_id = b.id ${which}`;
const ALL = query('', 'ORDER BY b.id');
const ONE = query('AND buyer_id = @buyer', 'WHERE b.id = @buyer');

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

/** Balances of one buyer, or of all, by id. `now` is Unix ms. */
export function readBalances(db: Db, options: { buyerId: BuyerId | null; now: number }): BuyerBalance[] {
  const { buyerId, now } = options;
  const before = Math.floor(presentOf(db, now) / MINUTE_MS) - BURN_MINUTES;
  const rows = prepared(db, buyerId === null ? ALL : ONE, 'big rows').all({ before, ...(buyerId === null ? {} : { buyer: buyerId }) });
  return (rows as Row[]).map(balanceOf);
}
