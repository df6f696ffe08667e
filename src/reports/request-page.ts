/** The meter's record in pages, newest first. Read-only; each page is bounded by the rows it looks at, and each read is short. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import { firstRequestIdAt, type RequestId } from '../ids.ts';
import { listRequests, type RequestEntry, type RequestFilter } from './requests.ts';

/** Rows looked at by one read, some milliseconds; and reads for one page. */
const STRETCH = 2_000;
const STRETCHES_MAX = 25;

export interface RequestPage {
  readonly entries: readonly RequestEntry[];
  /**
   * What the next page's `beforeId` is; null after the last. A page may have fewer than `limit` entries, or none, and
   * yet another one follow it: where few rows fit the filters, looking through all of them in one go would take long.
   */
  readonly next: RequestId | null;
}

/** A page goes on after an id, so what begins meanwhile neither shifts nor repeats anything. */
export function readRequestPage(db: Db, filter: RequestFilter): RequestPage {
  const { limit } = filter;
  if (filter.keyId === undefined && filter.route === undefined && filter.model === undefined && filter.status === undefined && filter.upstream === undefined) {
    return pageOf(listRequests(db, { ...filter, limit: limit + 1 }), limit, null);
  }
  const entries: RequestEntry[] = [];
  let { beforeId } = filter;
  for (let i = 0; i < STRETCHES_MAX; i++) {
    const last = stretchEnd(db, { ...filter, ...(beforeId === undefined ? {} : { beforeId }) });
    const stretch = { ...filter, limit: limit + 1 - entries.length, ...(beforeId === undefined ? {} : { beforeId }) };
    entries.push(...listRequests(db, last === null ? stretch : { ...stretch, fromId: last }));
    if (last === null || entries.length > limit) return pageOf(entries, limit, null);
    beforeId = last;
  }
  return pageOf(entries, limit, beforeId ?? null);
}

/** `rest`: from where on nothing was looked at; null: all was. */
function pageOf(entries: readonly RequestEntry[], limit: number, rest: RequestId | null): RequestPage {
  const shown = entries.slice(0, limit);
  return { entries: shown, next: entries.length > limit ? (shown.at(-1)?.requestId ?? null) : rest };
}

/** The last id of the next stretch; null when fewer rows are left. Read from an index alone. */
function stretchEnd(db: Db, { buyerId, since, until, beforeId }: RequestFilter): RequestId | null {
  const conditions: string[] = [];
  const values: (number | bigint)[] = [];
  const where = (condition: string, value: number | bigint): void => {
    conditions.push(condition);
    values.push(value);
  };
  if (buyerId !== undefined) where('buyer_id = ?', buyerId);
  if (since !== undefined) where('id >= ?', firstRequestIdAt(since));
  if (until !== undefined) where('id < ?', firstRequestIdAt(until));
  if (beforeId !== undefined) where('id < ?', beforeId);
  const clause = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const end = prepared(db, `SELECT id FROM requests ${clause} ORDER BY id DESC LIMIT 1 OFFSET ?`, 'big pluck');
  return (end.get(...values, STRETCH - 1) as RequestId | undefined) ?? null;
}
