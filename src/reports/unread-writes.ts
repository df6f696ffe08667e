/**
 * Cache writes that nobody read: a lower bound from the minute buckets. What one buyer wrote for one model counts as
 * never read when that buyer read nothing of that model's caches while the entry lived. Another prefix that was read
 * meanwhile hides it, so the true figure may be higher.
 *
 * Buckets know when requests ended. An entry is written, and read, at some time between a request's start and its end,
 * so reads count from ten minutes before the write's minute until ten after its time to live: for requests that take
 * up to ten minutes the bound is certain.
 */
import type { Db, Statement } from '../db/open.ts';
import type { BuyerId } from '../ids.ts';
import { micro, ZERO, type MicroUsdc } from '../money.ts';

const MINUTE_MS = 60_000;
/** Reads extend an entry's life, and a write that was read does not count, so the first life is the one that matters. */
const LIVES = { short: 5, long: 60 } as const;
const REQUEST_MINUTES = 10;
/** How long after a write's minute a read of it may still end. */
const shows = (life: number): number => 1 + life + REQUEST_MINUTES;
/** Each read of the database covers that many minutes, so none lasts. */
const PAGE_MINUTES = 120;

export interface UnreadWrites {
  readonly tokens: number;
  /** What those writes were charged. */
  readonly charge: MicroUsdc;
}

export interface UnreadWritesFound extends UnreadWrites {
  readonly byBuyer: ReadonlyMap<BuyerId, UnreadWrites>;
}

export interface UnreadWritesQuery {
  /** Writes that ended in [since, until), Unix ms; whole minutes are meant. */
  readonly since: number;
  readonly until: number;
  /** Unix ms. Writes that could still be read then do not count yet. */
  readonly now: number;
}

/** From the database alone. Safe integers. */
export function unreadWrites(db: Db, query: UnreadWritesQuery): UnreadWritesFound {
  return createUnreadWritesReader(db).read(query);
}

export interface UnreadWritesReader {
  /** Reads only the minutes that have closed since the last call with the same `since`. `until` may not go back. */
  read(query: UnreadWritesQuery): UnreadWritesFound;
}

/** For those who ask again and again. */
export function createUnreadWritesReader(db: Db): UnreadWritesReader {
  const rows = db
    .prepare(
      `SELECT minute, buyer_id, model, sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_5m_charge),
         sum(cache_write_1h_tokens), sum(cache_write_1h_charge)
       FROM usage_minutes WHERE minute >= ? AND minute < ? AND cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens > 0
       GROUP BY minute, buyer_id, model ORDER BY minute`,
    )
    .raw()
    .safeIntegers() as Statement;
  let since: number | null = null;
  let next = 0;
  let counted = new Counter();
  return {
    read(query) {
      const from = Math.floor(query.since / MINUTE_MS);
      if (since !== from) {
        since = from;
        counted = new Counter();
        next = from - shows(0);
      }
      const until = Math.floor(query.until / MINUTE_MS);
      // A minute that has not ended may still grow.
      const end = Math.min(Math.floor(query.now / MINUTE_MS), until + shows(LIVES.long) + 1);
      for (; next < end; next = Math.min(end, next + PAGE_MINUTES))
        for (const row of rows.all(next, Math.min(end, next + PAGE_MINUTES)) as Row[]) counted.add(row, { from, until });
      counted.closed(next);
      return counted.found();
    },
  };
}

type Row = readonly [minute: bigint, buyer: bigint, model: string, read: bigint, short: bigint, shortCharge: bigint, long: bigint, longCharge: bigint];

interface Write {
  readonly minute: number;
  readonly life: number;
  readonly tokens: number;
  readonly charge: bigint;
}

/** What one buyer did with the caches of one model. */
interface Cache {
  readonly buyerId: BuyerId;
  lastRead: number;
  /** Written, and not read so far; oldest first within each life. */
  waiting: Write[];
}

class Counter {
  readonly #caches = new Map<string, Cache>();
  readonly #byBuyer = new Map<BuyerId, { tokens: number; charge: MicroUsdc }>();

  add([at, buyer, model, read, short, shortCharge, long, longCharge]: Row, { from, until }: { from: number; until: number }): void {
    const minute = Number(at);
    const key = `${buyer} ${model}`;
    const cache = this.#caches.get(key) ?? { buyerId: Number(buyer) as BuyerId, lastRead: -Infinity, waiting: [] };
    this.#caches.set(key, cache);
    if (read > 0n) {
      this.#expire(cache, minute);
      cache.waiting = [];
      cache.lastRead = minute;
    }
    if (minute < from || minute >= until || cache.lastRead >= minute - REQUEST_MINUTES) return;
    if (short > 0n) cache.waiting.push({ minute, life: LIVES.short, tokens: Number(short), charge: shortCharge });
    if (long > 0n) cache.waiting.push({ minute, life: LIVES.long, tokens: Number(long), charge: longCharge });
  }

  /** All minutes before `minute` have been added. */
  closed(minute: number): void {
    for (const [key, cache] of this.#caches) {
      this.#expire(cache, minute);
      if (cache.waiting.length === 0 && cache.lastRead < minute - REQUEST_MINUTES) this.#caches.delete(key);
    }
  }

  /** Counts the writes that nothing at or after `minute` can have read. */
  #expire(cache: Cache, minute: number): void {
    if (cache.waiting.length === 0) return;
    const waiting: Write[] = [];
    for (const write of cache.waiting) {
      if (write.minute + shows(write.life) >= minute) waiting.push(write);
      else this.#count(cache.buyerId, write);
    }
    cache.waiting = waiting;
  }

  #count(buyerId: BuyerId, { tokens, charge }: Write): void {
    const known = this.#byBuyer.get(buyerId) ?? { tokens: 0, charge: ZERO };
    this.#byBuyer.set(buyerId, { tokens: known.tokens + tokens, charge: micro(known.charge + charge) });
  }

  found(): UnreadWritesFound {
    let tokens = 0;
    let charge = 0n;
    for (const one of this.#byBuyer.values()) {
      tokens += one.tokens;
      charge += one.charge;
    }
    return { tokens, charge: micro(charge), byBuyer: new Map(this.#byBuyer) };
  }
}
