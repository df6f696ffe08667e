/** Fills the temporary hours, days and sums with what minutes, hours and days give, a stretch of time after the other. */
import type { Db } from '../db/open.ts';
import { sumsSql } from './usage-columns.ts';
import { DAY_MINUTES, HOUR_MINUTES, QUARTER_MINUTES } from './usage-segments.ts';
import { actual, columnsOf, type UsageTable } from './usage-tables.ts';

const FIGURES = `${sumsSql()}, min(first_request)`;
const BUYERS_DAYS = `main.buyers b CROSS JOIN ${actual('days')} u WHERE u.buyer_id = b.id`;

/** [from, to) in minutes, whole buckets of what is filled; minutes after `folded` are not in it. `into` the temporary or the real table. */
export interface FoldRange {
  readonly from: number;
  readonly to: number;
  readonly folded: number;
  readonly into: (table: UsageTable) => string;
}

function insert(db: Db, { into }: FoldRange, table: UsageTable, select: string, ...values: number[]): void {
  db.prepare(`INSERT INTO ${into(table)}(${columnsOf(table).join(',')}) ${select}`).run(...values);
}

export function foldHours(db: Db, range: FoldRange): void {
  const who = 'key_id, route_id, model, buyer_id';
  const select = `SELECT minute / ${HOUR_MINUTES}, ${who}, ${FIGURES} FROM ${actual('minutes')} WHERE minute >= ? AND minute < ? GROUP BY 1, ${who}`;
  insert(db, range, 'hours', select, range.from, Math.min(range.to, range.folded + 1));
}

/** From the hours, which must be right; whole days. */
export function foldDays(db: Db, range: FoldRange): void {
  const hours = [range.from / HOUR_MINUTES, range.to / HOUR_MINUTES] as const;
  const select = `SELECT buyer_id, hour / 24, key_id, route_id, model, ${FIGURES} FROM ${actual('hours')} WHERE hour >= ? AND hour < ? GROUP BY buyer_id, 2, key_id, route_id, model`;
  insert(db, range, 'days', select, ...hours);
}

/** The sums of quarters of an hour (of all, and by buyer) from the minutes, which must be right. */
export function foldQuarterSums(db: Db, range: FoldRange): void {
  const minutes = [range.from, Math.min(range.to, range.folded + 1)] as const;
  const from = `FROM ${actual('minutes')} WHERE minute >= ? AND minute < ?`;
  const quarter = `minute / ${QUARTER_MINUTES}`;
  insert(db, range, 'sums', `SELECT ${QUARTER_MINUTES}, 0, 0, ${quarter}, ${FIGURES} ${from} GROUP BY ${quarter}`, ...minutes);
  insert(db, range, 'sums', `SELECT ${QUARTER_MINUTES}, 1, buyer_id, ${quarter}, ${FIGURES} ${from} GROUP BY ${quarter}, buyer_id`, ...minutes);
}

/** The sums of hours (of all, and by buyer) from the hours. */
export function foldHourSums(db: Db, range: FoldRange): void {
  const hours = [range.from / HOUR_MINUTES, range.to / HOUR_MINUTES] as const;
  const from = `FROM ${actual('hours')} WHERE hour >= ? AND hour < ?`;
  insert(db, range, 'sums', `SELECT ${HOUR_MINUTES}, 0, 0, hour, ${FIGURES} ${from} GROUP BY hour`, ...hours);
  insert(db, range, 'sums', `SELECT ${HOUR_MINUTES}, 1, buyer_id, hour, ${FIGURES} ${from} GROUP BY hour, buyer_id`, ...hours);
}

/** The sums of days by each dimension from the days. */
export function foldDaySums(db: Db, range: FoldRange): void {
  const days = [range.from / DAY_MINUTES, range.to / DAY_MINUTES] as const;
  const from = `FROM ${BUYERS_DAYS} AND u.day >= ? AND u.day < ?`;
  for (const [dimension, member] of ['0', 'u.buyer_id', 'u.key_id', 'u.route_id', 'u.model'].entries())
    insert(db, range, 'sums', `SELECT ${DAY_MINUTES}, ${dimension}, ${member}, u.day, ${FIGURES} ${from} GROUP BY u.day, 3`, ...days);
}
