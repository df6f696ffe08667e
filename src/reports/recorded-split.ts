/** The charge of a recorded request, class by class, computed anew by its card as its receipt does. */
import type { Db } from '../db/open.ts';
import { NO_SPLIT, type ChargeSplit } from '../ledger/ledger.ts';
import { splitCharge } from '../metering/settlement-amounts.ts';
import { createCardCache } from './card-cache.ts';
import { billedUsage, type RequestEntry } from './requests.ts';

/** What no price applied to was charged nothing. Throws for a card that cannot be read. */
export function createRecordedSplit(db: Db): (entry: RequestEntry) => ChargeSplit {
  const cardOf = createCardCache(db);
  return (entry) => {
    const usage = billedUsage(entry);
    if (entry.usageSource === 'none' || entry.cardVersion === null || entry.model === null || usage === null) return NO_SPLIT;
    const card = cardOf(entry.cardVersion);
    const requestedModel = card.byName.get(entry.model);
    if (requestedModel === undefined) return NO_SPLIT;
    // An estimate was charged at most its worst case: what it was charged is the cap, as on its receipt.
    const capped = entry.usageSource === 'estimated' || entry.usageSource === 'recovered';
    return splitCharge({ usage, card, requestedModel, ...(capped ? { capAt: entry.charge } : {}) });
  };
}
