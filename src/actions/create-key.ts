import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { formatKeyId, type BuyerId } from '../ids.ts';
import { maskKey } from '../registry/key-format.ts';
import { createKey as create, type NewKey } from '../registry/keys.ts';

export interface WantedKey {
  readonly buyerId: BuyerId;
  /** From `parseKeyLabel`. */
  readonly label: string;
  readonly now: number;
}

/** The buyer must exist. */
export function createKey(db: Db, by: Actor, { buyerId, label, now }: WantedKey): NewKey {
  const run = db.transaction((): NewKey => {
    const created = create(db, { buyerId, label, now });
    const { key } = created;
    recordAudit(db, { at: now, by, action: 'key.create', subject: formatKeyId(key.id), buyerId, after: { key: maskKey(key), label } });
    return created;
  });
  return run.immediate();
}
