/** What was moved out of the database: before which day there are no request rows, and which archives have them. Read-only. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';
import type { BuyerId, RequestId } from '../ids.ts';
import { micro, type MicroUsdc } from '../money.ts';
import { readRawUsageState } from './usage-state.ts';

const DAY_MS = 86_400_000;

/** `2026-11-01`; of a UTC day, counted since 1970. */
export const utcDayName = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

/** The UTC day, such as `2026-11-01`, before which requests are in archives; null: all are in the database. */
export function prunedBefore(db: Db): string | null {
  const { prunedBefore: day } = readRawUsageState(db);
  return day === 0 ? null : utcDayName(day);
}

/** The watermark as Unix ms: requests that settled before it are in archives. 0: all are in the database. */
export const prunedBeforeMs = (db: Db): number => readRawUsageState(db).prunedBefore * DAY_MS;

export interface PrunedRequest {
  readonly buyerId: BuyerId;
  /** Unix ms. */
  readonly settledAt: number;
  /** Where it was written to; null where no archive is known to have it. */
  readonly archive: string | null;
}

const ENDED = 'SELECT debit, at FROM transfers WHERE id = ? AND kind IN (3, 4) AND NOT EXISTS (SELECT 1 FROM requests WHERE requests.id = transfers.id)';
const ARCHIVE = `SELECT archive FROM prunes WHERE state <> 'writing' AND before_day * ${DAY_MS} > ? AND ? BETWEEN first_request AND last_request ORDER BY id LIMIT 1`;

/** A request that has settled and whose row was moved, by what the ledger keeps of it. Null: it was not, or was refused. */
export function findPrunedRequest(db: Db, id: RequestId): PrunedRequest | null {
  const row = prepared(db, ENDED, 'raw').get(id) as [number, number] | undefined;
  if (row === undefined) return null;
  const [buyer, settledAt] = row;
  if (settledAt >= prunedBeforeMs(db)) return null;
  const archive = (prepared(db, ARCHIVE, 'pluck').get(settledAt, id) as string | undefined) ?? null;
  return { buyerId: buyer as BuyerId, settledAt, archive };
}

export interface RequestArchive {
  /** The UTC day since 1970 before which the requests in it settled. */
  readonly beforeDay: number;
  /** The path that it was written to. */
  readonly file: string;
  readonly state: 'writing' | 'moving' | 'done';
  /** Unix ms. */
  readonly beganAt: number;
  readonly endedAt: number | null;
  readonly requests: number;
  readonly charge: MicroUsdc;
  /** Of its text before the last line. */
  readonly sha256: string | null;
}

/** Oldest first. */
export function listArchives(db: Db): RequestArchive[] {
  const rows = db
    .prepare('SELECT before_day, archive, state, began_at, ended_at, requests, charge, sha256 FROM prunes ORDER BY id')
    .raw()
    .safeIntegers()
    .all() as [bigint, string, RequestArchive['state'], bigint, bigint | null, bigint, bigint, string | null][];
  return rows.map(([day, file, state, began, ended, requests, charge, sha256]) => ({
    beforeDay: Number(day),
    file,
    state,
    beganAt: Number(began),
    endedAt: ended === null ? null : Number(ended),
    requests: Number(requests),
    charge: micro(charge),
    sha256,
  }));
}
