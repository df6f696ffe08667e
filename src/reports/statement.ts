/** A buyer's month: what was there, what came in, what was charged, what is left; exact to the micro. Read-only. */
import type { Db } from '../db/open.ts';
import type { BuyerId, TransferId } from '../ids.ts';
import { formatUsdc, micro, ZERO, type MicroUsdc } from '../money.ts';
import { addUsage, NO_USAGE, type UsageSums } from './usage-sums.ts';
import { readUsage } from './usage.ts';
import { dayName } from './zone.ts';

export interface StatementQuery {
  readonly buyerId: BuyerId;
  /** Unix ms, [start, end): a month of the zone, or any range of whole minutes. */
  readonly start: number;
  readonly end: number;
  /** IANA name of the zone that the days are of. */
  readonly timezone: string;
}

/** A top-up or an adjustment. */
export interface StatementFunding {
  readonly transferId: TransferId;
  readonly kind: 'topup' | 'adjustment';
  readonly at: number;
  /** Below zero: taken back. */
  readonly amount: MicroUsdc;
  readonly reference: string | null;
  readonly reason: string | null;
}

/** A day on which requests ended. */
export interface StatementDay {
  /** `2026-11-23` in the zone. */
  readonly day: string;
  readonly sums: UsageSums;
}

/** opening + topUps + adjustments − (total.charge − total.shortfall) = closing. */
export interface Statement {
  readonly opening: MicroUsdc;
  readonly fundings: readonly StatementFunding[];
  readonly topUps: MicroUsdc;
  readonly adjustments: MicroUsdc;
  readonly days: readonly StatementDay[];
  readonly total: UsageSums;
  readonly closing: MicroUsdc;
}

/** What the rows add up to is not what the buyer's account says. */
export class StatementMismatchError extends Error {
  constructor(computed: MicroUsdc, posted: MicroUsdc) {
    super(`top-ups, adjustments and charges come to ${formatUsdc(computed)} USDC, the buyer's account has ${formatUsdc(posted)}`);
    this.name = 'StatementMismatchError';
  }
}

/** Later than anything that settles. */
const FOREVER = Date.UTC(9999, 0, 1);

/** What a charge took from the balance: what the balance did not cover is the operator's. */
export const debitedOf = (sums: UsageSums): MicroUsdc => micro(sums.charge - sums.shortfall);

/**
 * Reads top-ups, adjustments and summed charges from the buyer's first day on, on one snapshot, and compares their sum
 * with the account: so the statements of all months chain, and the last one ends with the balance. Throws
 * `StatementMismatchError` when they differ, and what `readUsage` throws.
 */
export function readStatement(db: Db, query: StatementQuery): Statement {
  const read = db.transaction((): Statement => {
    const { buyerId, start, end } = query;
    const opening = micro(fundedBefore(db, buyerId, start) - debited(db, query, { since: 0, until: start }));
    const fundings = fundingsOf(db, query);
    const days = readUsage(db, { buyerId, since: start, until: end, by: 'day', timezone: query.timezone }).map(
      ({ start: at, sums }): StatementDay => ({ day: dayName(at ?? start, query.timezone), sums }),
    );
    const total = days.reduce((sum, day) => addUsage(sum, day.sums), NO_USAGE);
    const [topUps, adjustments] = [sumOf(fundings, 'topup'), sumOf(fundings, 'adjustment')];
    const closing = micro(opening + topUps + adjustments - debitedOf(total));
    const later = fundedBefore(db, buyerId, FOREVER) - fundedBefore(db, buyerId, end) - debited(db, query, { since: end, until: FOREVER });
    const posted = balanceOf(db, buyerId);
    if (closing + later !== posted) throw new StatementMismatchError(micro(closing + later), posted);
    return { opening, fundings, topUps, adjustments, days, total, closing };
  });
  return read.deferred();
}

function debited(db: Db, { buyerId, timezone }: StatementQuery, range: { since: number; until: number }): MicroUsdc {
  const [usage] = readUsage(db, { ...range, buyerId, timezone, by: 'none' });
  return usage === undefined ? ZERO : debitedOf(usage.sums);
}

/** Only top-ups and adjustments are in that index, so the requests' many transfers are never touched. */
const FUNDINGS = 'FROM transfers INDEXED BY transfers_funding WHERE kind IN (1, 2) AND (credit = @buyer OR debit = @buyer) AND at >= @from AND at < @to';

function fundedBefore(db: Db, buyer: BuyerId, to: number): bigint {
  const sum = db.prepare(`SELECT coalesce(sum(iif(credit = @buyer, amount, -amount)), 0) ${FUNDINGS}`).pluck().safeIntegers();
  return sum.get({ buyer, from: -FOREVER, to }) as bigint;
}

type Row = readonly [id: bigint, kind: bigint, at: bigint, amount: bigint, reference: string | null, reason: string | null];

function fundingsOf(db: Db, { buyerId, start, end }: StatementQuery): StatementFunding[] {
  const query = `SELECT id, kind, at, iif(credit = @buyer, amount, -amount), reference, reason ${FUNDINGS} ORDER BY at, id`;
  const rows = db.prepare(query).raw().safeIntegers().all({ buyer: buyerId, from: start, to: end }) as Row[];
  return rows.map(([id, kind, at, amount, reference, reason]) => ({
    transferId: id as TransferId,
    kind: kind === 1n ? 'topup' : 'adjustment',
    at: Number(at),
    amount: micro(amount),
    reference,
    reason,
  }));
}

function sumOf(fundings: readonly StatementFunding[], kind: StatementFunding['kind']): MicroUsdc {
  return fundings.reduce((sum, funding) => (funding.kind === kind ? micro(sum + funding.amount) : sum), ZERO);
}

function balanceOf(db: Db, buyerId: BuyerId): MicroUsdc {
  const posted = db.prepare('SELECT credits_posted - debits_posted FROM accounts WHERE id = ?').pluck().safeIntegers().get(buyerId) as bigint;
  return micro(posted);
}
