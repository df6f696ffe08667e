/** Compares the tables of summed usage with what they should contain, in chunks of some thousand rows. */
import type { Db, Statement } from '../db/open.ts';
import { actual, columnsOf, expected, KEY_COLUMNS, VALUE_COLUMNS, type UsageTable } from './usage-tables.ts';

/** About as many rows are compared, or replaced, at a time. */
const ROWS = 4_000;

/** Which rows of a chunk are meant: placeholders for its values. */
const WHERE = {
  minutes: 'minute >= ? AND minute < ?',
  hours: 'hour >= ? AND hour < ?',
  days: 'buyer_id = ? AND day >= ? AND day < ?',
  sums: 'span = ? AND dimension = ? AND member = ? AND start >= ? AND start < ?',
} as const satisfies Record<UsageTable, string>;

export type Chunk = readonly (number | bigint | string)[];

/** Only what is of [from, to) minutes is compared; `to` must end what it cuts (a whole hour, a whole day). */
export interface CompareRange {
  readonly from: number;
  readonly to: number;
}

export interface UsageComparison {
  /** All rows of the range, in pieces. Read lazily: a piece's rows may change until it is asked for. */
  chunks(): Generator<Chunk>;
  /** How many rows of a chunk are missing, too many or different. */
  differing(chunk: Chunk): number;
  /** Puts what should be there in the place of what is. */
  replace(chunk: Chunk): void;
  /** The first difference in words, null when there is none. */
  firstDifference(chunk: Chunk): string | null;
}

export function compareUsage(db: Db, table: UsageTable, range: CompareRange): UsageComparison {
  const where = WHERE[table];
  const keys = KEY_COLUMNS[table];
  const columns = columnsOf(table).join(', ');
  const same = VALUE_COLUMNS[table].map((column) => `a.${column} = e.${column}`).join(' AND ');
  const count = (from: string): string => `(SELECT count(*) FROM ${from})`;
  const counts = db.prepare(
    `SELECT ${count(`${actual(table)} WHERE ${where}`)}, ${count(`${expected(table)} WHERE ${where}`)},
       ${count(`(SELECT * FROM ${expected(table)} WHERE ${where}) e CROSS JOIN ${actual(table)} a ON ${keys.map((key) => `a.${key} = e.${key}`).join(' AND ')} AND ${same}`)}`,
  );
  const rows = counts.raw() as Statement;
  const remove = db.prepare(`DELETE FROM ${actual(table)} WHERE ${where}`);
  const insert = db.prepare(`INSERT INTO ${actual(table)}(${columns}) SELECT ${columns} FROM ${expected(table)} WHERE ${where}`);
  return {
    chunks: () => chunksOf(db, table, range),
    differing(chunk) {
      const [there, meant, equal] = rows.get(...chunk, ...chunk, ...chunk) as [number, number, number];
      return Math.max(there, meant) - equal;
    },
    replace(chunk) {
      remove.run(...chunk);
      insert.run(...chunk);
    },
    firstDifference: (chunk) => firstDifference(db, table, chunk),
  };
}

function* chunksOf(db: Db, table: UsageTable, { from, to }: CompareRange): Generator<Chunk> {
  const [hours, days] = [[from / 60, to / 60] as const, [from / 1440, to / 1440] as const];
  if (table === 'minutes') yield* byTime(db, table, from, to);
  else if (table === 'hours') yield* byTime(db, table, ...hours);
  else if (table === 'days') for (const [buyer] of members(db, table, ['buyer_id'])) yield [buyer as bigint, ...days];
  else for (const member of members(db, table, ['span', 'dimension', 'member'])) yield [...member, ...(member[0] === 60n ? hours : days)];
}

function* byTime(db: Db, table: 'minutes' | 'hours', from: number, to: number): Generator<Chunk> {
  const time = KEY_COLUMNS[table][0];
  const after = [actual(table), expected(table)].map((name) => db.prepare(`SELECT ${time} FROM ${name} WHERE ${time} >= ? AND ${time} < ? ORDER BY ${time} LIMIT 1 OFFSET ?`).pluck());
  const least = (start: number, offset: number): number => Math.min(...after.map((next) => (next.get(start, to, offset) as number | undefined) ?? to));
  for (let start = least(from, 0); start < to; ) {
    const end = Math.max(start + 1, least(start, ROWS));
    yield [start, end];
    start = least(end, 0);
  }
}

/** The values of the first columns of a key, in both tables, found one after the other. */
function members(db: Db, table: UsageTable, columns: readonly string[]): Chunk[] {
  const list = columns.join(', ');
  const holes = columns.map(() => '?').join(', ');
  const found = new Map<string, Chunk>();
  for (const name of [actual(table), expected(table)]) {
    const first = db.prepare(`SELECT ${list} FROM ${name} ORDER BY ${list} LIMIT 1`).raw().safeIntegers();
    const next = db.prepare(`SELECT ${list} FROM ${name} WHERE (${list}) > (${holes}) ORDER BY ${list} LIMIT 1`).raw().safeIntegers();
    for (let row = first.get() as Chunk | undefined; row !== undefined; row = next.get(...row) as Chunk | undefined) found.set(row.join(' '), row);
  }
  return [...found.values()];
}

function firstDifference(db: Db, table: UsageTable, chunk: Chunk): string | null {
  const columns = columnsOf(table);
  const order = KEY_COLUMNS[table].join(', ');
  const only = (one: string, other: string): unknown[] | undefined => {
    const list = columns.join(', ');
    const sql = `SELECT ${list} FROM ${one} WHERE ${WHERE[table]} EXCEPT SELECT ${list} FROM ${other} WHERE ${WHERE[table]} ORDER BY ${order} LIMIT 1`;
    return db.prepare(sql).raw().safeIntegers().get(...chunk, ...chunk) as unknown[] | undefined;
  };
  const meant = only(expected(table), actual(table));
  const there = only(actual(table), expected(table));
  if (meant === undefined && there === undefined) return null;
  const width = KEY_COLUMNS[table].length;
  const key = (row: readonly unknown[]): string => columns.slice(0, width).map((column, i) => `${column} ${String(row[i]) || "''"}`).join(', ');
  const keyed = meant ?? there ?? [];
  const alike = meant !== undefined && there !== undefined && key(meant) === key(there);
  if (!alike) return meant === undefined ? `usage_${table} has a row too many: ${key(keyed)}` : `usage_${table} lacks a row, or has a wrong one: ${key(keyed)}`;
  const off = columns.findIndex((_, i) => meant[i] !== there[i]);
  return `usage_${table}, ${key(keyed)}: ${columns[off]} is ${String(there[off])} and should be ${String(meant[off])}`;
}
