/**
 * One buyer's cache writes that nobody read (see `unread-writes.ts`), for reports that are asked for often: it looks only
 * at the minutes of days on which the buyer's keys used caches at all, and only at those keys' rows.
 */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId } from '../ids.ts';
import { LIVES, shows, UnreadWriteCounter, type CacheRow, type UnreadWrites } from './unread-write-counter.ts';
import { readUsageState } from './usage-state.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;
/** Look-ups for one answer, about 0.2 s. What is beyond them, the oldest, is not counted: the figure is a lower bound. */
const LOOKUPS_MAX = 300_000;

const CACHE = ['cache_read_tokens', 'cache_write_5m_tokens', 'cache_write_5m_charge', 'cache_write_1h_tokens', 'cache_write_1h_charge'] as const;
const USES_CACHES = 'cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens > 0';
const LISTED = CACHE.map((column) => `u.${column}`).join(', ');

const DAYS = `SELECT day, json_group_array(DISTINCT key_id) FROM usage_days WHERE buyer_id = ? AND day >= ? AND day <= ? AND ${USES_CACHES} GROUP BY day ORDER BY day DESC`;
/** CROSS JOIN keeps the order of the loops: each minute and key is one step into the primary key. */
const FOLDED = `WITH RECURSIVE m(minute) AS (SELECT @from UNION ALL SELECT minute + 1 FROM m WHERE minute + 1 < @to)
  SELECT u.minute, u.buyer_id, u.model, ${LISTED} FROM m CROSS JOIN json_each(@keys) k CROSS JOIN usage_minutes_merged u
  WHERE u.minute = m.minute AND u.key_id = k.value AND ${USES_CACHES}`;
const SINCE_FOLDED = `SELECT u.minute, u.buyer_id, u.model, ${LISTED} FROM usage_minutes u WHERE u.minute >= @from AND u.minute < @to AND u.buyer_id = @buyer AND ${USES_CACHES} ORDER BY u.minute`;

export interface BuyerUnreadWritesQuery {
  readonly buyerId: BuyerId;
  /** Writes that ended in [since, until), Unix ms; whole minutes are meant. */
  readonly since: number;
  readonly until: number;
  /** Unix ms. Writes that could still be read then do not count yet. */
  readonly now: number;
}

/** The same figure as `unreadWrites(db, query).byBuyer.get(buyerId)`, unless a buyer with very many keys asks for very many days. */
export function buyerUnreadWrites(db: Db, query: BuyerUnreadWritesQuery): UnreadWrites {
  const window = { from: Math.floor(query.since / MINUTE_MS), until: Math.floor(query.until / MINUTE_MS) };
  // A minute that has not ended may still grow.
  const end = Math.min(Math.floor(query.now / MINUTE_MS), window.until + shows(LIVES.long) + 1);
  const begin = Math.min(end, window.from - shows(0));
  const counter = new UnreadWriteCounter();
  const read = db.transaction((): void => {
    const { folded } = readUsageState(db);
    const closed = Math.min(end, folded + 1);
    for (const row of foldedRows(db, query.buyerId, { begin, end: closed })) counter.add(row, window);
    const rest = prepared(db, SINCE_FOLDED, 'big raw');
    for (const row of rest.all({ from: Math.max(begin, closed), to: end, buyer: query.buyerId }) as CacheRow[]) counter.add(row, window);
  });
  read.deferred();
  counter.closed(end);
  const { tokens, charge } = counter.found();
  return { tokens, charge };
}

function foldedRows(db: Db, buyerId: BuyerId, { begin, end }: { begin: number; end: number }): CacheRow[] {
  if (begin >= end) return [];
  const days = prepared(db, DAYS, 'raw').all(buyerId, Math.floor(begin / DAY_MINUTES), Math.floor((end - 1) / DAY_MINUTES)) as [number, string][];
  const statement = prepared(db, FOLDED, 'big raw');
  const found: CacheRow[][] = [];
  let lookups = 0;
  for (const [day, keys] of days) {
    lookups += DAY_MINUTES * (JSON.parse(keys) as number[]).length;
    if (lookups > LOOKUPS_MAX && found.length > 0) break;
    const range = { from: Math.max(begin, day * DAY_MINUTES), to: Math.min(end, (day + 1) * DAY_MINUTES) };
    found.unshift(statement.all({ ...range, keys }) as CacheRow[]);
  }
  return found.flat();
}
