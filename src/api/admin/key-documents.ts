import type { Db } from '../../db/open.ts';
import { formatBuyerId, type BuyerId, type KeyId } from '../../ids.ts';
import type { Key } from '../../registry/keys.ts';
import { keyLastUses } from '../../reports/key-last-use.ts';
import { keyDocument } from '../buyer/key-document.ts';
import type { AdminKey } from '../schemas/admin.ts';

/** Keys as an operator sees them. */
export function keyDocuments(db: Db, keys: readonly Key[]): AdminKey[] {
  const lastUses = new Map<BuyerId, (keyId: KeyId) => number | null>();
  const lastUse = ({ id, buyerId }: Key): number | null => {
    const ofBuyer = lastUses.get(buyerId) ?? keyLastUses(db, buyerId);
    lastUses.set(buyerId, ofBuyer);
    return ofBuyer(id);
  };
  return keys.map((key) => ({ ...keyDocument(key, lastUse(key)), buyerId: formatBuyerId(key.buyerId), buyer: key.buyerName }));
}
