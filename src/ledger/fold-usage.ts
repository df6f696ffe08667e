/** Closed minutes become hours, days and sums: see `db/migrations/002-usage.ts`. */
import { createPendingUsageMerge } from '../db/merge-pending-usage.ts';
import type { Db } from '../db/open.ts';
import { GROW_BY_EXCLUDED, SUMMED, SUMS_AND_FIRST, USAGE_WHO } from '../db/usage-columns.ts';

const WHO = USAGE_WHO.join(', ');
const CLOSED = 'FROM usage_minutes_merged WHERE minute > @from AND minute <= @to';

/** `usage_sums.dimension`, and the column whose values are its members; all: one member, 0. */
export const USAGE_DIMENSIONS = [
  { dimension: 0, member: '0' },
  { dimension: 1, member: 'buyer_id' },
  { dimension: 2, member: 'key_id' },
  { dimension: 3, member: 'route_id' },
  { dimension: 4, member: 'model' },
] as const;

/** Hours and their quarters are kept of these only: few reports that ask for hours ask for more. */
const HOURLY_DIMENSION_MAX = 1;
const HOURLY = USAGE_DIMENSIONS.filter(({ dimension }) => dimension <= HOURLY_DIMENSION_MAX);

function sumsSql(span: 15 | 60 | 1440, { dimension, member }: (typeof USAGE_DIMENSIONS)[number]): string {
  return `INSERT INTO usage_sums(span, dimension, member, start, ${SUMS_AND_FIRST})
    SELECT ${span}, ${dimension}, ${member}, minute / ${span}, ${SUMMED} ${CLOSED} GROUP BY 3, 4 ${GROW_BY_EXCLUDED}`;
}

const STEPS = [
  `INSERT INTO usage_hours(hour, ${WHO}, ${SUMS_AND_FIRST})
    SELECT minute / 60, ${WHO}, ${SUMMED} ${CLOSED} GROUP BY minute / 60, ${WHO} ${GROW_BY_EXCLUDED}`,
  `INSERT INTO usage_days(day, ${WHO}, ${SUMS_AND_FIRST})
    SELECT minute / 1440, ${WHO}, ${SUMMED} ${CLOSED} GROUP BY minute / 1440, ${WHO} ${GROW_BY_EXCLUDED}`,
  ...HOURLY.map((of) => sumsSql(15, of)),
  ...HOURLY.map((of) => sumsSql(60, of)),
  ...USAGE_DIMENSIONS.map((of) => sumsSql(1440, of)),
  'UPDATE usage_state SET folded = @to',
];

/**
 * Folds the minutes after `from` to `to`, which nothing will be added to any more; `from` is what is folded already. Must
 * run in a transaction. Costs by the rows of those minutes, however many there are between.
 */
export function createUsageFold(db: Db): (minutes: { readonly from: number; readonly to: number }) => void {
  const mergePending = createPendingUsageMerge(db);
  const steps = STEPS.map((sql) => db.prepare(sql));
  return (minutes) => {
    // Who appended it may be dead, or of another process.
    mergePending(minutes.to);
    for (const step of steps) step.run(minutes);
  };
}
