/** What pruning before a day would move. Reads only, in short reads. */
import type { Db } from '../db/open.ts';
import { firstRequestIdAt } from '../ids.ts';
import { micro } from '../money.ts';
import { DAY_MINUTES } from '../reports/usage-segments.ts';
import { readRawUsageState } from '../reports/usage-state.ts';
import type { ArchiveSums } from './archive-format.ts';

const DAY_MS = 86_400_000;
/** Rows looked at by one read, some milliseconds. */
const STRETCH = 20_000;

export interface PrunePlan extends ArchiveSums {
  readonly beforeDay: number;
  /** Unix ms. */
  readonly settledBefore: number;
  /** The greatest id among them; -1 where there are none. */
  readonly lastId: bigint;
  /** Of the first and the last that settled, Unix ms; null where there are none. */
  readonly firstSettledAt: number | null;
  readonly lastSettledAt: number | null;
}

/**
 * Rows are found by when they started, and none settles before that, unless a clock was put back in between. The sums of
 * usage know how many there must be: where some are missing, all the later rows are looked at as well.
 */
export function planPrune(db: Db, beforeDay: number): PrunePlan {
  const settledBefore = beforeDay * DAY_MS;
  const bound = firstRequestIdAt(settledBefore) - 1n;
  const scan = new Scan(db, settledBefore);
  scan.look(-1n, bound);
  if (scan.requests < summedStillHere(db, beforeDay)) scan.look(bound, LAST_ID);
  return scan.plan(beforeDay);
}

const LAST_ID = 2n ** 63n - 1n;

/** How many requests of those days are summed and were not moved to an archive. */
function summedStillHere(db: Db, beforeDay: number): number {
  const { folded } = readRawUsageState(db);
  const number = (sql: string, ...values: number[]): number => Number(db.prepare(sql).pluck().get(...values));
  const inDays = number(`SELECT coalesce(sum(requests), 0) FROM usage_sums WHERE span = ${DAY_MINUTES} AND dimension = 0 AND start < ?`, beforeDay);
  const inMinutes = number('SELECT coalesce(sum(requests), 0) FROM usage_minutes WHERE minute > ? AND minute < ?', folded, beforeDay * DAY_MINUTES);
  return inDays + inMinutes - number('SELECT coalesce(sum(moved), 0) FROM prunes');
}

type Sums = readonly [count: bigint, charge: bigint, shortfall: bigint, lastId: bigint | null, first: bigint | null, last: bigint | null];

class Scan {
  readonly #stretchEnd;
  readonly #sums;
  readonly #settledBefore: number;
  requests = 0;
  #charge = 0n;
  #shortfall = 0n;
  #lastId = -1n;
  #first: number | null = null;
  #last: number | null = null;

  constructor(db: Db, settledBefore: number) {
    this.#settledBefore = settledBefore;
    this.#stretchEnd = db.prepare(`SELECT id FROM requests WHERE id > ? AND id <= ? ORDER BY id LIMIT 1 OFFSET ${STRETCH - 1}`).pluck().safeIntegers();
    const sums = 'count(*), coalesce(sum(charge), 0), coalesce(sum(shortfall), 0), max(id), min(settled_at), max(settled_at)';
    this.#sums = db.prepare(`SELECT ${sums} FROM requests WHERE id > ? AND id <= ? AND settled_at < ?`).raw().safeIntegers();
  }

  /** At the rows with ids after `after`, up to `last`. */
  look(after: bigint, last: bigint): void {
    for (let from = after; from < last; ) {
      const end = (this.#stretchEnd.get(from, last) as bigint | undefined) ?? last;
      this.#add(this.#sums.get(from, end, this.#settledBefore) as Sums);
      from = end;
    }
  }

  #add([count, charge, shortfall, lastId, first, last]: Sums): void {
    if (lastId === null || first === null || last === null) return;
    this.requests += Number(count);
    this.#charge += charge;
    this.#shortfall += shortfall;
    this.#lastId = lastId;
    this.#first = Math.min(this.#first ?? Infinity, Number(first));
    this.#last = Math.max(this.#last ?? 0, Number(last));
  }

  plan(beforeDay: number): PrunePlan {
    const found = { requests: this.requests, charge: micro(this.#charge), shortfall: micro(this.#shortfall), lastId: this.#lastId };
    return { beforeDay, settledBefore: this.#settledBefore, ...found, firstSettledAt: this.#first, lastSettledAt: this.#last };
  }
}
