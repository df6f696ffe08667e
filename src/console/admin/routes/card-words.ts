import type { PriceCard } from '../../../api/schemas/admin.ts';
import { counted } from '../../format.ts';

/** Where a card's prices come from, and for how many models. */
export function cardWords({ origin, models }: Pick<PriceCard, 'origin' | 'models'>): string {
  const prices = origin.kind === 'multiplier' ? `list × ${origin.multiplier}` : 'prices of its own';
  return `${prices}, ${counted(models.length, 'model')}`;
}
