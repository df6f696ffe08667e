/** What writers of usage appended under load becomes part of the summed minutes: see `migrations/002-usage.ts`. */
import type { Db } from './open.ts';
import { GROW_BY_EXCLUDED, SUMMED, SUMS_AND_FIRST, USAGE_WHO } from './usage-columns.ts';

const WHO = USAGE_WHO.join(', ');
const FIELDS = [...USAGE_WHO, ...SUMS_AND_FIRST.split(', ')].map((column, i) => `d.value ->> ${i} AS ${column}`).join(', ');

const MERGE = `INSERT INTO main.usage_minutes_merged(minute, ${WHO}, ${SUMS_AND_FIRST})
  SELECT minute, ${WHO}, ${SUMMED} FROM (SELECT p.minute AS minute, ${FIELDS} FROM main.usage_pending p, json_each(p.deltas) d WHERE p.minute <= ?)
  WHERE true GROUP BY minute, ${WHO} ${GROW_BY_EXCLUDED}`;

/**
 * Merges what is pending of minutes up to `to`, whoever appended it; the writer, if it lives, notices. Must run in a
 * transaction that writes. Costs by what is pending, which is little.
 */
export function createPendingUsageMerge(db: Db): (to: number) => void {
  const merge = db.prepare(MERGE);
  const remove = db.prepare('DELETE FROM main.usage_pending WHERE minute <= ?');
  return (to) => {
    merge.run(to);
    remove.run(to);
  };
}
