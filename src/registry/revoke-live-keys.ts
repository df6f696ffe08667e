import type { Db } from '../db/open.ts';

/** Every buyer's, and those that the console makes for one request. Returns how many there were. */
export function revokeLiveKeys(db: Db, now: number): number {
  return db.prepare('UPDATE keys SET revoked_at = ? WHERE revoked_at IS NULL').run(now).changes;
}
