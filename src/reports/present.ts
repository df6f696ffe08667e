/** What "now" is for a report. */
import type { Db } from '../db/open.ts';
import { prepared } from '../db/prepared.ts';

/**
 * Unix ms: `now`, or the ledger's time where that is later. It never runs backwards, so after a clock was set back, or in
 * the minute after an upgrade, requests end later than the clock says; a report up to now must have them.
 */
export function presentOf(db: Db, now: number): number {
  return Math.max(now, Number(prepared(db, 'SELECT at FROM ledger_clock', 'pluck').get()));
}
