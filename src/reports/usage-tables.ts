/**
 * The tables of summed usage and, beside each, a temporary one of what it should contain. Temporary tables belong to one
 * connection, lie outside the database, and can be written by a connection that only reads it.
 */
import type { Db } from '../db/open.ts';
import { SUM_COLUMNS } from './usage-columns.ts';

export const USAGE_TABLES = ['minutes', 'hours', 'days', 'sums'] as const;
export type UsageTable = (typeof USAGE_TABLES)[number];

const MEMBER = ['key_id', 'route_id', 'model'];
/** The primary keys, in their order. */
export const KEY_COLUMNS = {
  minutes: ['minute', ...MEMBER],
  hours: ['hour', ...MEMBER],
  days: ['buyer_id', 'day', ...MEMBER],
  sums: ['span', 'dimension', 'member', 'start'],
} as const satisfies Record<UsageTable, readonly string[]>;

const FIGURES = [...SUM_COLUMNS, 'first_request'];
/** What is not in the key. */
export const VALUE_COLUMNS: Readonly<Record<UsageTable, readonly string[]>> = {
  minutes: ['buyer_id', ...FIGURES],
  hours: ['buyer_id', ...FIGURES],
  days: FIGURES,
  sums: FIGURES,
};

/** `usage_minutes` itself is a view: of these, and of what batches have appended to merge it soon. */
const MERGED_MINUTES = 'usage_minutes_merged';
const nameOf = (table: UsageTable): string => (table === 'minutes' ? MERGED_MINUTES : `usage_${table}`);
export const actual = (table: UsageTable): string => `main.${nameOf(table)}`;
export const expected = (table: UsageTable): string => `temp.expected_${table}`;
export const columnsOf = (table: UsageTable): readonly string[] => [...KEY_COLUMNS[table], ...VALUE_COLUMNS[table]];

/** Empty ones, like the real ones in every respect. */
export function createExpectedTables(db: Db): void {
  dropExpectedTables(db);
  for (const table of USAGE_TABLES) {
    const sql = db.prepare('SELECT sql FROM main.sqlite_schema WHERE name = ?').pluck().get(nameOf(table)) as string;
    db.exec(sql.replace(/^CREATE TABLE \w+/, `CREATE TEMP TABLE expected_${table}`));
  }
}

export function dropExpectedTables(db: Db): void {
  for (const table of USAGE_TABLES) db.exec(`DROP TABLE IF EXISTS ${expected(table)}`);
}
