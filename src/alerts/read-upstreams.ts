/** Whether upstreams answer, from the newest request rows. */
import type { Db } from '../db/open.ts';
import { firstRequestIdAt } from '../ids.ts';
import { upstreamVerdict } from '../reports/upstream-fault.ts';
import { readUsage } from '../reports/usage.ts';
import { UPSTREAM_QUIET_MS, type UpstreamFacts } from './facts.ts';

/** A request may wait for its upstream for `first_byte_timeout_json`, 15 minutes, and rows are found by when they started. */
const LOOK_BACK_MS = 20 * 60_000;
/** Bounds what a step costs. */
const ROWS_MAX = 20_000;

const ENDED = `
SELECT upstream AS name, status, http_status AS httpStatus, error_code AS errorCode,
       sum(settled_at > :since) AS recent, max(settled_at) AS lastEndedAt, count(*) AS seen
FROM (SELECT upstream, status, http_status, error_code, settled_at FROM requests WHERE id >= :from ORDER BY id DESC LIMIT ${ROWS_MAX})
GROUP BY 1, 2, 3, 4`;

interface Row {
  readonly name: string | null;
  readonly status: string;
  readonly httpStatus: number;
  readonly errorCode: string | null;
  readonly recent: number;
  readonly lastEndedAt: number;
  readonly seen: number;
}

/** Upstreams with requests that ended lately; `faults` and `answered` are of the last `forMs`. */
export function readUpstreams(db: Db, now: number, forMs: number): UpstreamFacts[] {
  const quiet = now - Math.max(UPSTREAM_QUIET_MS, forMs);
  const rows = db.prepare(ENDED).all({ since: now - forMs, from: firstRequestIdAt(quiet - LOOK_BACK_MS) }) as Row[];
  const upstreams = new Map<string, UpstreamFacts>();
  for (const row of rows) {
    const verdict = upstreamVerdict(row);
    if (row.name === null || verdict === 'open' || row.lastEndedAt <= quiet) continue;
    const known = upstreams.get(row.name) ?? { name: row.name, faults: 0, answered: false, lastEndedAt: row.lastEndedAt };
    upstreams.set(row.name, {
      ...known,
      faults: known.faults + (verdict === 'fault' ? row.recent : 0),
      answered: known.answered || (verdict === 'answered' && row.recent > 0),
      lastEndedAt: Math.max(known.lastEndedAt, row.lastEndedAt),
    });
  }
  const seen = rows.reduce((sum, row) => sum + row.seen, 0);
  if (seen < ROWS_MAX) return [...upstreams.values()];
  // So many end that the newest ones may span less than the time asked for: the sums by minutes tell of the rest.
  const answering = readAnswering(db, now, forMs);
  return [...upstreams.values()].map((upstream) => ({ ...upstream, answered: upstream.answered || answering.has(upstream.name) }));
}

const MINUTE_MS = 60_000;

/** Upstreams of routes on which, within that time, a request ended without breaking. */
function readAnswering(db: Db, now: number, forMs: number): Set<string> {
  const since = Math.ceil((now - forMs) / MINUTE_MS) * MINUTE_MS;
  const until = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const rows = readUsage(db, { since: Math.min(since, until), until, by: 'route', timezone: 'UTC' });
  const upstreamOf = db.prepare('SELECT upstream FROM routes WHERE id = ?').pluck();
  const answered = rows.filter(({ sums }) => sums.requests - sums.refused - sums.errors > 0);
  return new Set(answered.flatMap(({ routeId }) => (routeId == null ? [] : [upstreamOf.get(routeId) as string])));
}
