/** Checks of summed usage for `ainogap verify`, on the snapshot that it reads. */
import type { Db } from '../db/open.ts';
import { formatBuyerId, type BuyerId } from '../ids.ts';
import { compareUsage } from './compare-usage.ts';
import { foldDays, foldDaySums, foldHours, foldHourSums, foldQuarterSums } from './expected-folds.ts';
import { CHARGE_COLUMNS } from './usage-columns.ts';
import { wrongOpenMinute } from './open-minutes.ts';
import { DAY_MINUTES } from './usage-segments.ts';
import { readRawUsageState, UsageNotSummedError } from './usage-state.ts';
import { actual, expected, USAGE_TABLES } from './usage-tables.ts';

/**
 * The first bucket that is not what it should be, or null. The temporary minutes must be filled from the request rows,
 * the other temporary tables empty.
 */
export function wrongBucket(db: Db): string | null {
  const { folded, complete, prunedBefore } = readRawUsageState(db);
  if (!complete) return new UsageNotSummedError(db.name).message;
  const first = prunedBefore * DAY_MINUTES;
  const [from, last] = db.prepare(`SELECT min(minute), max(minute) FROM ${actual('minutes')}`).raw().get() as [number | null, number | null];
  const range = { from: Math.floor((from ?? 0) / DAY_MINUTES) * DAY_MINUTES, to: (Math.floor(Math.max(last ?? 0, folded) / DAY_MINUTES) + 1) * DAY_MINUTES };
  if (from !== null)
    for (const fold of [foldHours, foldDays, foldQuarterSums, foldHourSums, foldDaySums])
      for (let day = range.from; day <= last!; day += DAY_MINUTES) fold(db, { from: day, to: day + DAY_MINUTES, folded, into: expected });
  if (db.prepare('SELECT 1 FROM usage_pending WHERE minute <= ?').get(folded) !== undefined) return 'a minute is folded and was not merged before';
  for (const table of USAGE_TABLES) {
    const comparison = compareUsage(db, table, table === 'minutes' ? { from: first, to: folded + 1 } : { from: 0, to: Number.MAX_SAFE_INTEGER });
    for (const chunk of comparison.chunks()) if (comparison.differing(chunk) > 0) return `${comparison.firstDifference(chunk) ?? 'a bucket differs'}; \`ainogap verify --rebuild\` sums anew`;
  }
  return wrongOpenMinute(db, folded + 1);
}

/** By buyer and day, what was charged less what no balance could cover must be what the ledger took: also where request rows are pruned. */
const LEDGER = `
SELECT buyer, day, sum(summed), sum(taken) FROM (
  SELECT member AS buyer, start AS day, ${CHARGE_COLUMNS.join(' + ')} - shortfall AS summed, 0 AS taken FROM usage_sums WHERE span = ${DAY_MINUTES} AND dimension = 1
  UNION ALL SELECT buyer_id, minute / ${DAY_MINUTES}, ${CHARGE_COLUMNS.join(' + ')} - shortfall, 0 FROM usage_minutes WHERE minute > @folded
  UNION ALL SELECT debit, at / 86400000, 0, sum(amount) FROM transfers WHERE kind IN (3, 5) GROUP BY 1, 2)
GROUP BY buyer, day HAVING sum(summed) <> sum(taken) ORDER BY day, buyer LIMIT 1`;

export const USAGE_AND_LEDGER = {
  name: 'usage and ledger',
  passed: "each buyer's charges of a day are what the ledger took that day",
  difference(db: Db): string | null {
    const { complete, folded } = readRawUsageState(db);
    if (!complete) return null;
    const row = db.prepare(LEDGER).raw().safeIntegers().get({ folded }) as [bigint, bigint, bigint, bigint] | undefined;
    if (row === undefined) return null;
    const [buyer, day, summed, taken] = row;
    const date = new Date(Number(day) * DAY_MINUTES * 60_000).toISOString().slice(0, 10);
    return `${formatBuyerId(Number(buyer) as BuyerId)} on ${date} (UTC): summed charges less shortfall ${summed}, the ledger took ${taken} (micro-USDC)`;
  },
} as const;
