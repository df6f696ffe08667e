/** When keys were last used. Read-only. */
import type { Db, Statement } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { firstRequestIdAt, type BuyerId, type KeyId } from '../ids.ts';
import { readRawUsageState } from './usage-state.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_MINUTES = 1_440;

/** The days of keys are in an index; those of minutes that are not folded yet are few. */
const LAST_DAY = 'SELECT max(start) FROM usage_sums WHERE span = 1440 AND dimension = 2 AND member = ?';
const LATELY = 'SELECT key_id, max(minute) FROM usage_minutes WHERE minute > ? AND buyer_id = ? GROUP BY key_id';
const LAST_REQUEST = 'SELECT started_at FROM requests WHERE buyer_id = @buyer AND key_id = @key AND id >= @from AND id < @to ORDER BY id DESC LIMIT 1';

/** In which minute one ended: all that is left where the requests of that day are in an archive. */
const LAST_MINUTE = 'SELECT max(minute) FROM usage_minutes_merged WHERE minute >= @from AND minute < @to AND key_id = @key';

/**
 * Returns when the last request by a key began, Unix ms, of those that have ended; null for one that was never used.
 * Looks at the requests of that one day only.
 */
export function keyLastUses(db: Db, buyerId: BuyerId): (keyId: KeyId) => number | null {
  const { folded } = readRawUsageState(db);
  const lately = new Map(prepared(db, LATELY, 'raw').all(folded, buyerId) as [number, number][]);
  const [lastDay, lastRequest, lastMinute] = [LAST_DAY, LAST_REQUEST, LAST_MINUTE].map((sql) => prepared(db, sql, 'pluck')) as [Statement, Statement, Statement];
  return (keyId) => {
    const minute = lately.get(keyId);
    const day = minute === undefined ? (lastDay.get(keyId) as number | null) : Math.floor((minute * MINUTE_MS) / DAY_MS);
    if (day === null) return null;
    // It counts on the day on which it ended, and began before that.
    const range = { from: firstRequestIdAt((day - 1) * DAY_MS), to: firstRequestIdAt((day + 1) * DAY_MS) };
    const began = lastRequest.get({ buyer: buyerId, key: keyId, ...range }) as number | undefined;
    if (began !== undefined) return began;
    const ended = lastMinute.get({ key: keyId, from: day * DAY_MINUTES, to: (day + 1) * DAY_MINUTES }) as number | null;
    return ended === null ? day * DAY_MS : ended * MINUTE_MS;
  };
}
