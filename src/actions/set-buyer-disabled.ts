import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { formatBuyerId, type BuyerId } from '../ids.ts';
import { setBuyerDisabled as set } from '../registry/buyers.ts';

export interface BuyerSwitch {
  readonly buyerId: BuyerId;
  readonly disabled: boolean;
  readonly now: number;
}

/** From the next request on, in every process. False: it was so already, or there is no such buyer. */
export function setBuyerDisabled(db: Db, by: Actor, { buyerId, disabled, now }: BuyerSwitch): boolean {
  const run = db.transaction((): boolean => {
    if (!set(db, buyerId, disabled ? now : null)) return false;
    const status = (is: boolean) => ({ status: is ? 'disabled' : 'enabled' });
    const action = disabled ? 'buyer.disable' : 'buyer.enable';
    recordAudit(db, { at: now, by, action, subject: formatBuyerId(buyerId), buyerId, before: status(!disabled), after: status(disabled) });
    return true;
  });
  return run.immediate();
}
