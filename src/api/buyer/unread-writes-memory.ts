/** Unread cache writes change once a minute, when a minute closes, so a page that asks each second is answered from memory. */
import type { Db } from '../../db/open.ts';
import { buyerUnreadWrites, type BuyerUnreadWritesQuery } from '../../reports/buyer-unread-writes.ts';
import type { UnreadWrites } from '../../reports/unread-write-counter.ts';

const MINUTE_MS = 60_000;
const REMEMBERED_MAX = 2_000;

/** Returns `buyerUnreadWrites` of one database. What was asked in this very minute is not read again. */
export function createUnreadWritesMemory(db: Db): (query: BuyerUnreadWritesQuery) => UnreadWrites {
  const answers = new Map<string, UnreadWrites>();
  let minute = 0;
  return (query) => {
    const running = Math.floor(query.now / MINUTE_MS);
    if (running !== minute || answers.size >= REMEMBERED_MAX) answers.clear();
    minute = running;
    const key = `${query.buyerId} ${query.since} ${query.until}`;
    const answer = answers.get(key) ?? buyerUnreadWrites(db, query);
    answers.set(key, answer);
    return answer;
  };
}
