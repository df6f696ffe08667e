/** Statements that are compiled once for each connection: for reads that pages repeat each second. */
import type { Db, Statement } from './open.ts';

/**
 * How rows come: `raw` as arrays, `pluck` as their first column alone; `big` with integers as bigint. A statement keeps
 * its form, so each form of the same SQL is a statement of its own.
 */
export type RowForm = 'rows' | 'raw' | 'pluck' | 'big rows' | 'big raw' | 'big pluck';

/** Filters are combined into SQL, so there could be more; the longest unused goes. */
const KEPT_MAX = 200;
const kept = new WeakMap<Db, Map<string, Statement>>();

/** For `get`, `all` and `run`, which are done when they return; never change its form, and never iterate over it. */
export function prepared(db: Db, sql: string, form: RowForm = 'rows'): Statement {
  const statements = kept.get(db) ?? new Map<string, Statement>();
  kept.set(db, statements);
  const key = `${form} ${sql}`;
  const statement = statements.get(key) ?? compiled(db, sql, form);
  // The order of a Map is that of insertion: what was used last comes last.
  statements.delete(key);
  statements.set(key, statement);
  if (statements.size > KEPT_MAX) statements.delete(statements.keys().next().value as string);
  return statement;
}

function compiled(db: Db, sql: string, form: RowForm): Statement {
  const statement = db.prepare(sql) as Statement;
  if (form.endsWith('raw')) statement.raw();
  if (form.endsWith('pluck')) statement.pluck();
  return statement.safeIntegers(form.startsWith('big'));
}
