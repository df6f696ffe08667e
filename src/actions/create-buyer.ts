import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { formatBuyerId } from '../ids.ts';
import { createBuyer as create, type CreateBuyerOutcome } from '../registry/buyers.ts';

/** `name` comes from `parseBuyerName`; `now` is Unix milliseconds. */
export function createBuyer(db: Db, by: Actor, { name, now }: { readonly name: string; readonly now: number }): CreateBuyerOutcome {
  const run = db.transaction((): CreateBuyerOutcome => {
    const outcome = create(db, name, now);
    if (outcome.kind === 'created') {
      const { id } = outcome.buyer;
      recordAudit(db, { at: now, by, action: 'buyer.create', subject: formatBuyerId(id), buyerId: id, after: { name } });
    }
    return outcome;
  });
  return run.immediate();
}
