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
import { LIVES, shows, UnreadWriteCounter, type CacheRow, type UnreadWritesFound } from './unread-write-counter.ts';

const MINUTE_MS = 60_000;
/** Each read of the database covers that many minutes, so none lasts. */
const PAGE_MINUTES = 120;

export type { UnreadWrites } from './unread-write-counter.ts';

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
  let counted = new UnreadWriteCounter();
  return {
    read(query) {
      const from = Math.floor(query.since / MINUTE_MS);
      if (since !== from) {
        since = from;
        counted = new UnreadWriteCounter();
        next = from - shows(0);
      }
      const until = Math.floor(query.until / MINUTE_MS);
      // A minute that has not ended may still grow.
      const end = Math.min(Math.floor(query.now / MINUTE_MS), until + shows(LIVES.long) + 1);
      for (; next < end; next = Math.min(end, next + PAGE_MINUTES))
        for (const row of rows.all(next, Math.min(end, next + PAGE_MINUTES)) as CacheRow[]) counted.add(row, { from, until });
      counted.closed(next);
      return counted.found();
    },
  };
}
