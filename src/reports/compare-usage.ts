/** Compares the tables of summed usage with what they should contain, in chunks of some thousand rows. */
import type { Db, Statement } from '../db/open.ts';
import { DAY_MINUTES, HOUR_MINUTES, QUARTER_MINUTES } from './usage-segments.ts';
import { actual, columnsOf, expected, KEY_COLUMNS, VALUE_COLUMNS, type UsageTable } from './usage-tables.ts';

/** About as many rows are compared, or replaced, at a time. */
const ROWS = 4_000;

/** The columns of the key before the one that says when. */
const BEFORE_TIME = { minutes: [], hours: [], days: ['buyer_id'], sums: ['span', 'dimension', 'member'] } as const satisfies Record<UsageTable, readonly string[]>;
const timeOf = (table: UsageTable): string => KEY_COLUMNS[table][BEFORE_TIME[table].length] as string;

/** Which rows of a chunk are meant: placeholders for its values. */
function whereOf(table: UsageTable): string {
  const time = timeOf(table);
  return [...BEFORE_TIME[table].map((column) => `${column} = ?`), `${time} >= ?`, `${time} < ?`].join(' AND ');
}

export type Chunk = readonly (number | bigint | string)[];

/** Minutes: from the bucket that `from` is in, to before the one that `to` is in, whatever span the buckets have. */
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
  const where = whereOf(table);
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
  const pieces = piecesOf(db, table);
  const bucket = (minute: number, span: number): number => Math.floor(minute / span);
  for (const member of table === 'minutes' || table === 'hours' ? [[]] : members(db, table, BEFORE_TIME[table])) {
    const span = spanOf(table, member);
    yield* pieces(member, bucket(from, span), bucket(to, span));
  }
}

function spanOf(table: UsageTable, member: Chunk): number {
  if (table === 'minutes') return 1;
  if (table === 'hours') return HOUR_MINUTES;
  if (table === 'days') return DAY_MINUTES;
  // Rows of a span that there should not be are compared as well.
  return [QUARTER_MINUTES, HOUR_MINUTES].find((span) => BigInt(span) === member[0]) ?? DAY_MINUTES;
}

/** Divides [from, to) of a member's buckets into pieces of about as many rows as are compared at a time. */
function piecesOf(db: Db, table: UsageTable): (member: Chunk, from: number, to: number) => Generator<Chunk> {
  const time = timeOf(table);
  const after = [actual(table), expected(table)].map((name) => db.prepare(`SELECT ${time} FROM ${name} WHERE ${whereOf(table)} ORDER BY ${time} LIMIT 1 OFFSET ?`).pluck());
  return function* (member, from, to) {
    const least = (start: number, offset: number): number => Math.min(...after.map((next) => (next.get(...member, start, to, offset) as number | undefined) ?? to));
    for (let start = least(from, 0); start < to; ) {
      const end = Math.max(start + 1, least(start, ROWS));
      yield [...member, start, end];
      start = least(end, 0);
    }
  };
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
  const where = whereOf(table);
  const order = KEY_COLUMNS[table].join(', ');
  const only = (one: string, other: string): unknown[] | undefined => {
    const list = columns.join(', ');
    const sql = `SELECT ${list} FROM ${one} WHERE ${where} EXCEPT SELECT ${list} FROM ${other} WHERE ${where} ORDER BY ${order} LIMIT 1`;
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
