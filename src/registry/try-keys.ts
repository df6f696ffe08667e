/** Keys for one request each, made and ended by the console. */
import type { Db } from '../db/open.ts';
import type { BuyerId, KeyId } from '../ids.ts';
import { insertKey, type NewKey } from './keys.ts';

/** As the records of its request show it. */
const LABEL = 'try it';

/** The buyer must exist. The key works until it is ended. */
export function createTryKey(db: Db, { buyerId, now }: { readonly buyerId: BuyerId; readonly now: number }): NewKey {
  return db.transaction(() => insertKey(db, { buyerId, label: LABEL, purpose: 'try', now })).immediate();
}

/** False: it had ended, or it is no such key. */
export function endTryKey(db: Db, keyId: KeyId, now: number): boolean {
  const end = db.transaction(() => db.prepare("UPDATE keys SET revoked_at = ? WHERE id = ? AND purpose = 'try' AND revoked_at IS NULL").run(now, keyId).changes);
  return end.immediate() > 0;
}

/** Ends what a process that died left live, of those made before `madeBefore`; returns how many there were. Writes nothing where there are none. */
export function endAllTryKeys(db: Db, now: number, madeBefore: number = Infinity): number {
  const of = "purpose = 'try' AND revoked_at IS NULL AND created_at < ?";
  if (db.prepare(`SELECT 1 FROM keys WHERE ${of}`).get(madeBefore) === undefined) return 0;
  const end = db.transaction(() => db.prepare(`UPDATE keys SET revoked_at = ? WHERE ${of}`).run(now, madeBefore).changes);
  return end.immediate();
}
