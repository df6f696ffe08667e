/** The requests that ended last, as far as they tell how upstreams do. Read-only; never more than a bounded number of rows. */
import type { Db } from '../db/open.ts';
import { firstRequestIdAt } from '../ids.ts';
import { upstreamVerdict, type UpstreamVerdict } from './upstream-fault.ts';

export interface EndedAtUpstream {
  /** Null: it was refused before. */
  readonly upstream: string | null;
  readonly verdict: UpstreamVerdict;
  readonly errorCode: string | null;
  readonly httpStatus: number;
  /** Tries upstream. */
  readonly attempts: number;
  /** Milliseconds; null when no byte came. */
  readonly timeToFirstByteMs: number | null;
  /** Unix ms. */
  readonly startedAt: number;
  readonly settledAt: number;
}

export interface EndedLately {
  /** Newest first by their start. */
  readonly ended: readonly EndedAtUpstream[];
  /** Unix ms: all that started and ended since are among them. */
  readonly since: number;
}

export const ENDED_WINDOW_MS = 5 * 60_000;
const ROWS_MAX = 2_000;
/** Rows are found by when they started, and a request may wait for its first byte for 15 minutes before it fails. */
const LOOK_BACK_MS = 20 * 60_000;

type Row = [string | null, string, number, string | null, number, number | null, number, number];

/** Returns a function that reads those which ended within the last five minutes, among the 2,000 that started last. */
export function createEndedAtUpstreams(db: Db): (now: number) => EndedLately {
  const statement = db
    .prepare(
      `SELECT upstream, status, http_status, error_code, attempts, time_to_first_byte_ms, started_at, settled_at
       FROM requests WHERE id >= ? ORDER BY id DESC LIMIT ${ROWS_MAX}`,
    )
    .raw()
    .safeIntegers(false);
  return (now) => {
    const rows = statement.all(firstRequestIdAt(now - LOOK_BACK_MS)) as Row[];
    const ended = rows.map(endedOf).filter(({ settledAt }) => settledAt > now - ENDED_WINDOW_MS);
    return { ended, since: rows.length < ROWS_MAX ? now - ENDED_WINDOW_MS : (rows.at(-1) as Row)[6] };
  };
}

function endedOf([upstream, status, httpStatus, errorCode, attempts, timeToFirstByteMs, startedAt, settledAt]: Row): EndedAtUpstream {
  const verdict = upstreamVerdict({ status, httpStatus, errorCode });
  return { upstream, verdict, errorCode, httpStatus, attempts, timeToFirstByteMs, startedAt, settledAt };
}

const LEAST = 3;

/**
 * Whether an upstream is down: of its requests that tell anything, the newest ones, three at least and all that ended
 * within `windowMs`, failed by its fault. `ended` are the requests of this upstream, in any order.
 */
export function isUpstreamDown(ended: readonly EndedAtUpstream[], { now, windowMs }: { now: number; windowMs: number }): boolean {
  const telling = ended.filter(({ verdict }) => verdict !== 'open').sort((a, b) => b.settledAt - a.settledAt);
  const recent = telling.filter(({ settledAt }) => settledAt > now - windowMs).length;
  const newest = telling.slice(0, Math.max(LEAST, recent));
  return newest.length >= LEAST && newest.every(({ verdict }) => verdict === 'fault');
}
