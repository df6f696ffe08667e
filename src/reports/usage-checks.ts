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
    return `${formatBuyerId(Number(buyer) as BuyerId)} on ${dateOf(day)} (UTC): summed charges less shortfall ${summed}, the ledger took ${taken} (micro-USDC)`;
  },
} as const;

/** Of pruned days the sums are all that is left here, so they are held against the ledger in each respect that it knows. */
const PRUNED_ENDS = `
SELECT buyer, day, sum(summed), sum(ended) FROM (
  SELECT member AS buyer, start AS day, requests - refused AS summed, 0 AS ended FROM usage_sums WHERE span = ${DAY_MINUTES} AND dimension = 1 AND start < @before
  UNION ALL SELECT debit, at / 86400000, 0, count(*) FROM transfers WHERE kind IN (3, 4) AND at < @before * 86400000 GROUP BY 1, 2)
GROUP BY buyer, day HAVING sum(summed) <> sum(ended) ORDER BY day, buyer LIMIT 1`;
const PRUNED_SHORTFALLS = `
SELECT day, sum(summed), sum(booked) FROM (
  SELECT start AS day, shortfall AS summed, 0 AS booked FROM usage_sums WHERE span = ${DAY_MINUTES} AND dimension = 0 AND start < @before
  UNION ALL SELECT at / 86400000, 0, sum(amount) FROM transfers WHERE kind = 6 AND at < @before * 86400000 GROUP BY 1)
GROUP BY day HAVING sum(summed) <> sum(booked) ORDER BY day LIMIT 1`;

export const PRUNED_DAYS = {
  name: 'pruned days',
  passed: "each buyer's requests and each day's shortfall of the days whose requests are in archives are what the ledger has",
  difference(db: Db): string | null {
    const { complete, prunedBefore } = readRawUsageState(db);
    if (!complete || prunedBefore === 0) return null;
    const before = { before: prunedBefore };
    const first = (sql: string): bigint[] | undefined => db.prepare(sql).raw().safeIntegers().get(before) as bigint[] | undefined;
    const ends = first(PRUNED_ENDS);
    if (ends !== undefined) return `${formatBuyerId(Number(ends[0]) as BuyerId)} on ${dateOf(ends[1]!)} (UTC): ${ends[2]} requests are summed that held money, the ledger ended ${ends[3]}`;
    const short = first(PRUNED_SHORTFALLS);
    return short === undefined ? null : `${dateOf(short[0]!)} (UTC): the summed shortfall is ${short[1]}, the ledger booked ${short[2]} (micro-USDC)`;
  },
} as const;

const dateOf = (day: bigint): string => new Date(Number(day) * DAY_MINUTES * 60_000).toISOString().slice(0, 10);
