/**
 * Computes the sums of usage anew from the request rows, beside servers that go on working: the rows are read in short
 * pages into temporary tables, and only what differs is replaced, in transactions of some thousand rows. While it is
 * replaced `usage_state.complete` is not 1 and reports refuse, rather than show a half.
 */
import { randomInt } from 'node:crypto';
import { createPendingUsageMerge } from '../db/merge-pending-usage.ts';
import type { Db } from '../db/open.ts';
import { createCardCache } from './card-cache.ts';
import { chargedPages } from './charged-rows.ts';
import { compareUsage } from './compare-usage.ts';
import { foldDays, foldDaySums, foldHours, foldHourSums, foldQuarterSums } from './expected-folds.ts';
import { ExpectedMinutes } from './expected-minutes.ts';
import { usageOfRequest } from './request-usage.ts';
import { DAY_MINUTES, HOUR_MINUTES, QUARTER_MINUTES } from './usage-segments.ts';
import { subtractPending, wrongOpenMinute } from './open-minutes.ts';
import { readRawUsageState } from './usage-state.ts';
import { actual, createExpectedTables, dropExpectedTables, expected, USAGE_TABLES, type UsageTable } from './usage-tables.ts';

const MINUTE_MS = 60_000;

type Fold = typeof foldHours;
/** What is folded into each table, in buckets of how many minutes; each table from those before it. */
const FOLDS: readonly (readonly [UsageTable, readonly { readonly span: number; readonly fold: Fold }[]])[] = [
  ['hours', [{ span: HOUR_MINUTES, fold: foldHours }]],
  ['days', [{ span: DAY_MINUTES, fold: foldDays }]],
  ['sums', [{ span: QUARTER_MINUTES, fold: foldQuarterSums }, { span: HOUR_MINUTES, fold: foldHourSums }, { span: DAY_MINUTES, fold: foldDaySums }]],
];

export interface RebuildProgress {
  readonly requests: number;
  readonly of: number;
}

export interface RebuiltUsage {
  /** How many buckets of each table were missing, too many or wrong. */
  readonly differed: Readonly<Record<UsageTable, number>>;
  readonly requests: number;
  /** How long the longest write transaction kept others from writing, ms. */
  readonly longestWriteMs: number;
}

/**
 * `db` must be open for writing. Throws, with the request's id, when a row cannot be priced by its card, and when a
 * program of before usage was summed writes to the database meanwhile. Of several at once the last to begin says that
 * all is there.
 */
export function rebuildUsage(db: Db, progress: (soFar: RebuildProgress) => void = () => {}): RebuiltUsage {
  return new Rebuild(db).run(progress);
}

class Rebuild {
  readonly #db: Db;
  readonly #differed = { minutes: 0, hours: 0, days: 0, sums: 0 };
  readonly #version: unknown;
  /** The minute that batches add to: what was settled before it is settled for good. */
  readonly #running: number;
  /** Stands in `usage_state.complete` from when replacing begins. */
  readonly #mark = -randomInt(1, 2 ** 47);
  /** Replacing has begun, and reports refuse. */
  #begun = false;
  #longestWriteMs = 0;

  constructor(db: Db) {
    this.#db = db;
    this.#version = db.pragma('data_version', { simple: true });
    if (!readRawUsageState(db).complete) this.#closeMinute();
    this.#running = Math.max(this.#minute(), readRawUsageState(db).folded + 1);
  }

  run(progress: (soFar: RebuildProgress) => void): RebuiltUsage {
    createExpectedTables(this.#db);
    try {
      const requests = this.#readRequests(progress);
      if (!readRawUsageState(this.#db).complete) this.#begin();
      this.#mend('minutes', readRawUsageState(this.#db).prunedBefore * DAY_MINUTES, this.#running);
      if (this.#unfolded()) this.#begin();
      this.#mendClosed();
      this.#finish();
      return { differed: this.#differed, requests, longestWriteMs: this.#longestWriteMs };
    } finally {
      dropExpectedTables(this.#db);
    }
  }

  /** The ledger's. */
  #minute(): number {
    return Math.floor((this.#db.prepare('SELECT at FROM ledger_clock').pluck().get() as number) / MINUTE_MS);
  }

  /**
   * In the minute of an upgrade some requests were settled by the version before, and only their rows tell. A minute
   * that is folded gets no more, so it can be summed at once; the ledger's time goes on in the next one.
   */
  #closeMinute(): void {
    this.#write(() => this.#foldTo(this.#minute()));
  }

  /** Batches fold only what comes after `minute`; what they have appended of before is merged now, since they will not. */
  #foldTo(minute: number): void {
    createPendingUsageMerge(this.#db)(minute);
    this.#db.prepare('UPDATE usage_state SET folded = max(folded, ?)').run(minute);
  }

  #readRequests(progress: (soFar: RebuildProgress) => void): number {
    const of = this.#db.prepare('SELECT count(*) FROM requests').pluck().get() as number;
    const cardOf = createCardCache(this.#db);
    const minutes = new ExpectedMinutes(this.#db);
    let requests = 0;
    for (const page of chargedPages(this.#db)) {
      for (const row of page) minutes.add(row.requestId, usageOfRequest(row, cardOf));
      requests += page.length;
      progress({ requests, of });
    }
    minutes.write();
    return requests;
  }

  /** Buckets that have ended are changed by nobody else: they are compared and replaced in pieces. */
  #mendClosed(): void {
    for (const [table, folds] of FOLDS) {
      for (const { span, fold } of folds) this.#foldClosed(span, fold);
      this.#mend(table, 0, this.#running);
    }
  }

  #foldClosed(span: number, fold: Fold): void {
    const earliest = this.#db.prepare(`SELECT min(minute) FROM ${actual('minutes')}`).pluck().get() as number | null;
    if (earliest === null) return;
    const to = this.#startOfRunning(span);
    for (let from = Math.floor(earliest / DAY_MINUTES) * DAY_MINUTES; from < to; from += DAY_MINUTES)
      fold(this.#db, { from, to: Math.min(to, from + DAY_MINUTES), folded: this.#running - 1, into: expected });
  }

  /** The first minute of the bucket that the running minute is in. */
  #startOfRunning(span: number): number {
    return Math.floor(this.#running / span) * span;
  }

  #mend(table: UsageTable, from: number, to: number): void {
    const comparison = compareUsage(this.#db, table, { from, to });
    for (const chunk of comparison.chunks()) {
      const differing = comparison.differing(chunk);
      if (differing === 0) continue;
      this.#differed[table] += differing;
      if (!this.#begun) this.#begin();
      this.#write(() => comparison.replace(chunk));
    }
  }

  #unfolded(): boolean {
    const { folded } = readRawUsageState(this.#db);
    return this.#db.prepare(`SELECT 1 FROM ${actual('minutes')} WHERE minute > ? AND minute < ? LIMIT 1`).get(folded, this.#running) !== undefined;
  }

  /** From here on batches fold only what closes from now on: all before is what this puts in place. */
  #begin(): void {
    this.#begun = true;
    this.#write(() => {
      this.#db.prepare('UPDATE usage_state SET complete = ?').run(this.#mark);
      this.#foldTo(this.#running - 1);
    });
  }

  /**
   * The running quarter, hour and day, which batches add to, in one transaction with the word that all is there. The running
   * minute is left to them, unless nobody else has written since the first page was read.
   */
  #finish(): void {
    // Before the transaction: to empty what nearly a million rows were compared with takes its time.
    for (const table of USAGE_TABLES) if (table !== 'minutes') this.#db.exec(`DELETE FROM ${expected(table)}`);
    this.#write(() => {
      if (this.#db.pragma('data_version', { simple: true }) === this.#version) this.#replaceRunningMinute();
      this.#replaceRunningBuckets();
      if (this.#begun) this.#complete();
    });
  }

  /** Another rebuild that began later says it itself; a request that came without its sums must be summed first. */
  #complete(): void {
    const { changes } = this.#db.prepare('UPDATE usage_state SET complete = 1 WHERE complete = ?').run(this.#mark);
    if (changes === 0 && this.#db.prepare('SELECT complete FROM usage_state').pluck().get() === 0)
      throw new Error(`an older ainogap, which does not sum usage, writes to ${this.#db.name}: stop it, then sum again`);
  }

  #replaceRunningMinute(): void {
    const from = this.#running;
    if (wrongOpenMinute(this.#db, from) === null) return;
    // What is appended stays for its writer to merge: what is merged must be the rest.
    subtractPending(this.#db, from);
    const comparison = compareUsage(this.#db, 'minutes', { from, to: Number.MAX_SAFE_INTEGER });
    for (const chunk of comparison.chunks()) {
      this.#differed.minutes += comparison.differing(chunk);
      comparison.replace(chunk);
    }
  }

  #replaceRunningBuckets(): void {
    const { folded } = readRawUsageState(this.#db);
    const to = (Math.floor(Math.max(folded, this.#running) / DAY_MINUTES) + 1) * DAY_MINUTES;
    for (const [table, folds] of FOLDS) {
      for (const { span, fold } of folds) fold(this.#db, { from: this.#startOfRunning(span), to, folded, into: expected });
      const comparison = compareUsage(this.#db, table, { from: this.#running, to });
      for (const chunk of comparison.chunks()) {
        const differing = comparison.differing(chunk);
        this.#differed[table] += differing;
        if (differing > 0) comparison.replace(chunk);
      }
    }
  }

  #write<T>(work: () => T): T {
    const transaction = this.#db.transaction((): { result: T; began: number } => {
      const began = performance.now();
      return { result: work(), began };
    });
    const { result, began } = transaction.immediate();
    this.#longestWriteMs = Math.max(this.#longestWriteMs, performance.now() - began);
    return result;
  }
}
