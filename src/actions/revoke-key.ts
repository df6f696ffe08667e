import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { formatKeyId, type KeyId } from '../ids.ts';
import { maskKey } from '../registry/key-format.ts';
import { keyById, revokeKey as revoke } from '../registry/keys.ts';

/** Refused from the next request on, in every process. False: it was revoked before, or there is no such key. */
export function revokeKey(db: Db, by: Actor, { keyId, now }: { readonly keyId: KeyId; readonly now: number }): boolean {
  const run = db.transaction((): boolean => {
    const key = keyById(db, keyId);
    if (key === null || !revoke(db, keyId, now)) return false;
    const before = { status: 'live', key: maskKey(key), label: key.label };
    recordAudit(db, { at: now, by, action: 'key.revoke', subject: formatKeyId(keyId), buyerId: key.buyerId, before, after: { status: 'revoked' } });
    return true;
  });
  return run.immediate();
}
