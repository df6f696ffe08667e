import { formatBuyerId } from '../ids.ts';
import type { Buyer } from '../registry/buyers.ts';
import { isoTime } from './iso-time.ts';

/** A buyer as every `--json` shows it. */
export function buyerJson(buyer: Buyer): Record<string, unknown> {
  return {
    buyerId: formatBuyerId(buyer.id),
    name: buyer.name,
    status: buyer.disabledAt === null ? 'enabled' : 'disabled',
    createdAt: isoTime(buyer.createdAt),
    disabledAt: buyer.disabledAt === null ? null : isoTime(buyer.disabledAt),
  };
}
