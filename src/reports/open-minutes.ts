/** The minutes that batches still add to: partly merged, partly appended for one of them to merge. */
import type { Db } from '../db/open.ts';
import { SUM_COLUMNS, sumsSql } from './usage-columns.ts';
import { actual, columnsOf, expected } from './usage-tables.ts';

/** The first difference from `from` on between the view `usage_minutes` and the temporary minutes, in words, or null. */
export function wrongOpenMinute(db: Db, from: number): string | null {
  const columns = columnsOf('minutes').join(', ');
  const who = 'minute, key_id, route_id, model, buyer_id';
  const there = `SELECT ${who}, ${sumsSql()}, min(first_request) FROM usage_minutes WHERE minute >= @from GROUP BY ${who}`;
  const meant = `SELECT ${columns} FROM ${expected('minutes')} WHERE minute >= @from`;
  const first = (one: string, other: string): unknown[] | undefined =>
    db.prepare(`SELECT * FROM (${one}) EXCEPT SELECT * FROM (${other}) LIMIT 1`).raw().safeIntegers().get({ from }) as unknown[] | undefined;
  const off = first(meant, there) ?? first(there, meant);
  if (off === undefined) return null;
  const [minute, key, route, model] = off;
  return `usage_minutes is not what the request rows give in minute ${String(minute)}, key_id ${String(key)}, route_id ${String(route)}, model ${String(model) || "''"}`;
}

/** Takes what is appended out of the temporary minutes: what is left is what must be merged already. */
export function subtractPending(db: Db, from: number): void {
  const minus = SUM_COLUMNS.map((column) => `-sum(${column})`).join(', ');
  const less = SUM_COLUMNS.map((column) => `${column} = ${column} + excluded.${column}`).join(', ');
  const columns = columnsOf('minutes').join(', ');
  const who = 'minute, key_id, route_id, model, buyer_id';
  // The pending part of the view: all of it, less what is merged.
  db.prepare(
    `INSERT INTO ${expected('minutes')}(${columns})
     SELECT ${who}, ${minus}, min(first_request) FROM (
       SELECT ${who}, ${SUM_COLUMNS.join(', ')}, first_request FROM usage_minutes WHERE minute >= @from
       UNION ALL SELECT ${who}, ${SUM_COLUMNS.map((column) => `-${column}`).join(', ')}, first_request FROM ${actual('minutes')} WHERE minute >= @from)
     GROUP BY ${who} HAVING sum(requests) > 0
     ON CONFLICT DO UPDATE SET ${less}, first_request = min(first_request, excluded.first_request)`,
  ).run({ from });
}
