/**
 * Usage of the last hour and of today, kept up to date: closed minutes are read once, the running one at every read.
 * What is kept is bounded by who used the gateway today and does not grow with requests or days.
 */
import type { Db } from '../../db/open.ts';
import { ZERO } from '../../money.ts';
import { createUnreadWritesReader, type UnreadWrites, type UnreadWritesReader } from '../unread-writes.ts';
import { UsageNotSummedError } from '../usage-state.ts';
import { startOfDay } from '../zone.ts';
import { Timeline } from './timeline.ts';
import { UsageRows, type MinuteUsage, type UsageHead } from './usage-rows.ts';
import { UsageTable, type RouteUsage } from './usage-table.ts';
import { addTotals, chargeOf, newTotals, type UsageTotals } from './usage-totals.ts';

/** Cells of `LiveBuyer.chargeSeries`. */
export const HOUR_CELLS = 60;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Closed minutes that one statement reads at most. */
const PAGE = 10;
/** What ends in a minute's last moment is on disk a little later. */
const GRACE_MS = 2_000;

/** What is kept of a closed minute. */
interface ClosedMinute {
  readonly minute: number;
  readonly chargeByBuyer: ReadonlyMap<number, bigint>;
  readonly chargeByKey: ReadonlyMap<number, bigint>;
  readonly byRoute: readonly RouteUsage[];
}

/** The last 60 minutes, the running one among them. */
export interface LastHour {
  readonly chargeByBuyer: ReadonlyMap<number, readonly bigint[]>;
  readonly chargeByKey: ReadonlyMap<number, bigint>;
  readonly routes: UsageTable;
}

export interface RecentFigures {
  /** Unix ms: the wall clock, or the ledger's where that is ahead. */
  readonly at: number;
  readonly timeline: Timeline;
  readonly today: UsageTable;
  readonly hour: LastHour;
  readonly lastMinuteByKey: ReadonlyMap<number, number>;
  readonly unreadWrites: UnreadWrites;
}

export class RecentUsage {
  #timeline = new Timeline();
  #file: string;
  #rows: UsageRows;
  #timezone: string;
  /** The last minute that was taken in; null: begin anew. */
  #closed: number | null = null;
  #total = newTotals();
  #minutes: ClosedMinute[] = [];
  #dayStart = -1;
  /** To the last closed minute; null: read it anew. */
  #today: UsageTable | null = null;
  #unread: UnreadWritesReader;
  #unreadWrites: UnreadWrites = { tokens: 0, charge: ZERO };
  #lastMinuteByKey = new Map<number, number>();
  #dayOf = { minute: -1, start: -1 };

  constructor(db: Db, timezone: string) {
    this.#rows = new UsageRows(db);
    this.#unread = createUnreadWritesReader(db);
    this.#file = db.name;
    this.#timezone = timezone;
  }

  /** Takes in closed minutes page by page. To be called outside a transaction, before `read`. */
  catchUp(now: number): void {
    const head = this.#rows.head();
    if (!head.complete) {
      this.#closed = null;
      throw new UsageNotSummedError(this.#file);
    }
    const last = head.ledgerMinute - 1;
    const from = Math.min(last, minuteOf(now, head) - HOUR_CELLS - 1);
    const anew = this.#closed === null || this.#closed < from;
    if (anew) this.#begin(head, from, now);
    for (let to = from; to < last; ) this.#close((to = Math.min(to + PAGE, last)));
    if (anew) for (const [key, minute] of this.#rows.lastMinuteByKey(minuteOf(now, head) - DAY_MINUTES, this.#lastMinuteByKey)) this.#lastMinuteByKey.set(key, minute);
    const at = Math.max(now, head.ledgerAt);
    const since = this.#startOfDay(Math.floor(at / MINUTE_MS)) * MINUTE_MS;
    const { tokens, charge } = this.#unread.read({ since, until: at, now: at - GRACE_MS });
    this.#unreadWrites = { tokens, charge };
  }

  /** The figures now. To be called inside a transaction, after `catchUp`. */
  read(now: number): RecentFigures {
    const head = this.#rows.head();
    const at = Math.max(now, head.ledgerAt);
    const minute = Math.floor(at / MINUTE_MS);
    this.#close(head.ledgerMinute - 1);
    const dayStart = this.#startOfDay(minute);
    if (dayStart !== this.#dayStart) this.#beginDay(dayStart);
    this.#today ??= head.ledgerMinute - 1 < dayStart ? new UsageTable() : this.#rows.since(dayStart, head.ledgerMinute - 1, head.folded);
    // Only one minute runs; a clock that jumps within this read must not hide what it brought.
    const running = new UsageTable();
    for (const { table } of this.#rows.minutes(head.ledgerMinute - 1, Number.MAX_SAFE_INTEGER)) running.add(table);
    this.#observe(at, head.ledgerMinute, running);
    return {
      at,
      timeline: this.#timeline,
      today: sumOf(this.#today, head.ledgerMinute >= dayStart ? running : null),
      hour: this.#hour(minute, head.ledgerMinute, running),
      lastMinuteByKey: this.#lastMinutes(minute, head.ledgerMinute, running),
      unreadWrites: this.#unreadWrites,
    };
  }

  /** For tests of what is kept. */
  get size(): number {
    const minutes = this.#minutes.reduce((sum, { chargeByBuyer, chargeByKey, byRoute }) => sum + chargeByBuyer.size + chargeByKey.size + byRoute.length, 0);
    const today = this.#today === null ? 0 : this.#today.byBuyer.size + this.#today.byKey.size + this.#today.byRoute.size;
    return minutes + today + this.#timeline.size + this.#lastMinuteByKey.size;
  }

  /** Forgets what was kept, and begins after the closed minute `closed`. */
  #begin(head: UsageHead, closed: number, now: number): void {
    this.#closed = closed;
    this.#minutes = [];
    this.#total = newTotals();
    this.#timeline = new Timeline();
    this.#lastMinuteByKey = new Map();
    this.#beginDay(this.#startOfDay(minuteOf(now, head)));
  }

  #beginDay(dayStart: number): void {
    this.#dayStart = dayStart;
    this.#today = null;
  }

  #close(to: number): void {
    if (this.#closed === null || to <= this.#closed) return;
    for (const usage of this.#rows.minutes(this.#closed, to)) this.#closeMinute(usage);
    this.#closed = to;
    const oldest = to - HOUR_CELLS;
    this.#minutes = this.#minutes.filter(({ minute }) => minute >= oldest);
  }

  #closeMinute({ minute, table }: MinuteUsage): void {
    const before = this.#total.slice();
    addTotals(this.#total, table.all);
    this.#timeline.closeMinute({ start: minute * MINUTE_MS, before, end: (minute + 1) * MINUTE_MS, after: this.#total.slice() });
    this.#minutes.push({ minute, chargeByBuyer: charges(table.byBuyer), chargeByKey: charges(table.byKey), byRoute: [...table.byRoute.values()] });
    if (minute >= this.#dayStart) this.#today?.add(table);
    for (const key of table.byKey.keys()) this.#lastMinuteByKey.set(key, minute);
  }

  #observe(at: number, minute: number, running: UsageTable): void {
    const totals = this.#total.slice();
    addTotals(totals, running.all);
    const span = { start: minute * MINUTE_MS, end: (minute + 1) * MINUTE_MS };
    this.#timeline.observe({ at, totals }, { ...span, before: this.#total.slice() });
  }

  #hour(now: number, runningMinute: number, running: UsageTable): LastHour {
    const oldest = now - HOUR_CELLS + 1;
    const byBuyer = new Map<number, bigint[]>();
    const byKey = new Map<number, bigint>();
    const routes = new UsageTable();
    const last = { minute: runningMinute, chargeByBuyer: charges(running.byBuyer), chargeByKey: charges(running.byKey), byRoute: running.byRoute.values() };
    for (const { minute, chargeByBuyer, chargeByKey, byRoute } of [...this.#minutes, last]) {
      if (minute < oldest) continue;
      for (const [buyer, charge] of chargeByBuyer) cellsOf(byBuyer, buyer)[minute - oldest] = charge;
      for (const [key, charge] of chargeByKey) byKey.set(key, (byKey.get(key) ?? 0n) + charge);
      for (const route of byRoute) routes.addRoute(route);
    }
    return { chargeByBuyer: byBuyer, chargeByKey: byKey, routes };
  }

  #lastMinutes(now: number, minute: number, running: UsageTable): ReadonlyMap<number, number> {
    const oldest = now - DAY_MINUTES;
    for (const [key, last] of this.#lastMinuteByKey) if (last < oldest) this.#lastMinuteByKey.delete(key);
    const found = new Map(this.#lastMinuteByKey);
    if (minute >= oldest) for (const key of running.byKey.keys()) found.set(key, minute);
    return found;
  }

  /** The first minute of the day of `minute`. `Intl` is asked once a minute. */
  #startOfDay(minute: number): number {
    if (this.#dayOf.minute !== minute) this.#dayOf = { minute, start: Math.floor(startOfDay(minute * MINUTE_MS, this.#timezone) / MINUTE_MS) };
    return this.#dayOf.start;
  }
}

const minuteOf = (now: number, head: UsageHead): number => Math.floor(Math.max(now, head.ledgerAt) / MINUTE_MS);

function sumOf(closed: UsageTable, running: UsageTable | null): UsageTable {
  const sum = new UsageTable();
  sum.add(closed);
  if (running !== null) sum.add(running);
  return sum;
}

function charges(totals: ReadonlyMap<number, UsageTotals>): Map<number, bigint> {
  return new Map(Array.from(totals, ([member, sums]) => [member, chargeOf(sums)]));
}

function cellsOf(map: Map<number, bigint[]>, buyer: number): bigint[] {
  let cells = map.get(buyer);
  if (cells === undefined) map.set(buyer, (cells = Array.from({ length: HOUR_CELLS }, () => 0n)));
  return cells;
}
