import type { Db } from '../db/open.ts';
import { revokeLiveKeys } from '../registry/revoke-live-keys.ts';

/** All buyers' keys, in a database of any schema that nobody serves; the caller's own record tells of it. Returns how many. */
export function revokeAllKeys(db: Db, now: number): number {
  return revokeLiveKeys(db, now);
}
