import type { Db } from '../db/open.ts';

/** Everybody's. Inside a change whose own record says that the sessions ended. Returns how many there were. */
export function endAllSessions(db: Db, now: number): number {
  return db.prepare('UPDATE sessions SET ended_at = ? WHERE ended_at IS NULL').run(now).changes;
}
