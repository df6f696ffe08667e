/** The statements that read usage for the live view. Closed minutes never change, so each is read once. */
import type { Db, Statement } from '../../db/open.ts';
import { SUM_COLUMNS, sumsSql } from '../usage-columns.ts';
import { UsageTable, type UsageTableRow } from './usage-table.ts';

export interface UsageHead {
  /** The minute that the ledger's clock stands in: nothing ends in an earlier one any more. */
  readonly ledgerMinute: number;
  /** Unix ms. */
  readonly ledgerAt: number;
  /** The last minute that hours and days contain. */
  readonly folded: number;
  /** Requests of before the usage tables are summed too. */
  readonly complete: boolean;
}

export interface MinuteUsage {
  readonly minute: number;
  readonly table: UsageTable;
}

const MINUTE_MS = 60_000;
const HOUR = 60;
const DAY = 1440;
const KEYS_ONE_BY_ONE = 3;

const ROW = `buyer_id, key_id, route_id, model, ${SUM_COLUMNS.join(', ')}`;
const GROUPED = `max(buyer_id), key_id, route_id, model, ${sumsSql()}`;
const GROUP = 'GROUP BY key_id, route_id, model';

function prepare(db: Db) {
  const big = (sql: string): Statement => db.prepare(sql).raw().safeIntegers() as Statement;
  return {
    head: db.prepare('SELECT at, folded, complete FROM ledger_clock, usage_state').raw(),
    minutes: big(`SELECT ${ROW}, minute FROM usage_minutes WHERE minute > ? AND minute <= ? ORDER BY minute`),
    days: big(`SELECT ${ROW} FROM usage_days WHERE buyer_id IN (SELECT id FROM buyers) AND day >= ?`),
    hours: big(`SELECT ${GROUPED} FROM usage_hours WHERE hour >= ? ${GROUP}`),
    summedMinutes: big(`SELECT ${GROUPED} FROM usage_minutes WHERE minute > ? AND minute <= ? ${GROUP}`),
    keyHours: db.prepare('SELECT key_id, max(hour) FROM usage_hours WHERE hour >= ? GROUP BY key_id').raw(),
    // What the hours contain is merged: the view's other table need not be asked.
    hourOfKeys: db.prepare('SELECT key_id, max(minute) FROM usage_minutes_merged WHERE minute >= ? AND minute < ? GROUP BY key_id').raw(),
    keyMinute: db.prepare('SELECT 1 FROM usage_minutes_merged WHERE minute = ? AND key_id = ? LIMIT 1').pluck(),
  };
}

export class UsageRows {
  #sql: ReturnType<typeof prepare>;

  constructor(db: Db) {
    this.#sql = prepare(db);
  }

  head(): UsageHead {
    const [ledgerAt, folded, complete] = this.#sql.head.get() as [number, number, number];
    return { ledgerAt, ledgerMinute: Math.floor(ledgerAt / MINUTE_MS), folded, complete: complete === 1 };
  }

  /** Usage minute by minute after `after`, to `to` inclusive; minutes without usage are left out. */
  minutes(after: number, to: number): MinuteUsage[] {
    const found: MinuteUsage[] = [];
    let rows: UsageTableRow[] = [];
    let minute = -1;
    const end = (): void => void (rows.length > 0 && found.push(minuteUsage(minute, rows)));
    for (const row of this.#sql.minutes.all(after, to) as UsageTableRow[]) {
      const of = Number(row.at(-1));
      if (of !== minute) {
        end();
        [rows, minute] = [[], of];
      }
      rows.push(row);
    }
    end();
    return found;
  }

  /** Usage from minute `from` to `to` inclusive, by the coarsest tables that have it. */
  since(from: number, to: number, folded: number): UsageTable {
    const table = new UsageTable();
    const add = (statement: Statement, ...values: number[]): void => {
      for (const row of statement.all(...values) as UsageTableRow[]) table.addRow(row);
    };
    if (folded < from) {
      add(this.#sql.summedMinutes, from - 1, to);
      return table;
    }
    const hour = Math.ceil(from / HOUR);
    if (from % DAY === 0) add(this.#sql.days, from / DAY);
    else {
      add(this.#sql.summedMinutes, from - 1, Math.min(hour * HOUR - 1, folded));
      add(this.#sql.hours, hour);
    }
    add(this.#sql.summedMinutes, folded, to);
    return table;
  }

  /** The last minute in which a request of each key ended, from minute `from` to `folded`; not of those that are `known`. */
  lastMinuteByKey(from: number, known: ReadonlyMap<number, number>): Map<number, number> {
    const found = new Map<number, number>();
    const hours = this.#sql.keyHours.all(Math.floor(from / HOUR)) as [number, number][];
    const byHour = Map.groupBy(
      hours.filter(([key]) => !known.has(key)),
      ([, hour]) => hour,
    );
    for (const [hour, members] of byHour) {
      const keys = members.map(([key]) => key);
      for (const [key, minute] of this.#lastOf(keys, hour)) if (minute >= from) found.set(key, minute);
    }
    return found;
  }

  /** The last minute of each of these keys within an hour in which all of them were used. */
  #lastOf(keys: readonly number[], hour: number): [number, number][] {
    // Under load an hour has a hundred thousand rows, and hardly a key was last used an hour ago.
    if (keys.length < KEYS_ONE_BY_ONE) return keys.map((key) => [key, this.#lastMinuteOf(key, hour)]);
    const wanted = new Set(keys);
    return (this.#sql.hourOfKeys.all(hour * HOUR, (hour + 1) * HOUR) as [number, number][]).filter(([key]) => wanted.has(key));
  }

  #lastMinuteOf(key: number, hour: number): number {
    let minute = hour * HOUR + HOUR - 1;
    while (minute > hour * HOUR && this.#sql.keyMinute.get(minute, key) === undefined) minute--;
    return minute;
  }
}

function minuteUsage(minute: number, rows: readonly UsageTableRow[]): MinuteUsage {
  const table = new UsageTable();
  for (const row of rows) table.addRow(row);
  return { minute, table };
}
