/** The charge of a recorded request, class by class, computed anew by its card as its receipt does. */
import { formatCardVersion, formatRequestId, type CardVersion } from '../ids.ts';
import { NO_SPLIT, type ChargeSplit } from '../ledger/ledger.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { splitCharge } from '../metering/settlement-amounts.ts';
import { billedUsage, type RequestEntry } from './requests.ts';

type Recorded = Pick<RequestEntry, 'requestId' | 'usageSource' | 'cardVersion' | 'detail' | 'responseModel' | 'model' | 'tokens' | 'charge'>;

/** What no price applied to was charged nothing. Throws for a card that cannot be read, or that lacks the model. */
export function recordedSplit(entry: Recorded, cardOf: (version: CardVersion) => PriceCard): ChargeSplit {
  if (entry.usageSource === 'none' || entry.cardVersion === null || entry.model === null) return NO_SPLIT;
  const card = cardOf(entry.cardVersion);
  const requestedModel = card.byName.get(entry.model);
  const usage = billedUsage(entry);
  if (requestedModel === undefined || usage === null)
    throw new Error(`${formatRequestId(entry.requestId)} asked for a model that ${formatCardVersion(entry.cardVersion)} does not price`);
  // What was charged caps it: an estimate may have been charged less than its counts cost.
  return splitCharge({ usage, card, requestedModel, capAt: entry.charge });
}
