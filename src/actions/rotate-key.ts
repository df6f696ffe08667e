import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { formatKeyId } from '../ids.ts';
import { maskKey } from '../registry/key-format.ts';
import { rotateKey as rotate, type Key, type RotateOutcome, type Rotation } from '../registry/keys.ts';

/** Makes a new key with the old one's label and revokes the old one, both or neither. The record's subject is the old key. */
export function rotateKey(db: Db, by: Actor, rotation: Rotation): RotateOutcome {
  const { buyerId, now = Date.now() } = rotation;
  const run = db.transaction((): RotateOutcome => {
    const outcome = rotate(db, { ...rotation, now });
    if (outcome.kind !== 'rotated') return outcome;
    const { old, created } = outcome;
    recordAudit(db, { at: now, by, action: 'key.rotate', subject: formatKeyId(old.id), buyerId, before: named(old), after: named(created.key) });
    return outcome;
  });
  return run.immediate();
}

const named = (key: Key) => ({ keyId: formatKeyId(key.id), key: maskKey(key) });
