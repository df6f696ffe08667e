import type { CardVersion } from '../../src/ids.ts';
import { createPriceBook, WEB_SEARCH_PER_MILLION } from '../../src/metering/price-book.ts';
import { indexModels, makeCardModels, multiplyPrice, parseMultiplier, type PriceCard, type PricedModel } from '../../src/metering/price-card.ts';

/** A card of the built-in models at a multiple of their list prices. */
export function cardAt(factor: string, version = 1): PriceCard {
  const parsed = parseMultiplier(factor);
  if (!parsed.ok) throw new Error(parsed.reason);
  const models = makeCardModels(createPriceBook([]).models, parsed.multiplier);
  return { version: version as CardVersion, models, byName: indexModels(models), webSearchPerMillion: multiplyPrice(WEB_SEARCH_PER_MILLION, parsed.multiplier) };
}

export function modelOf(card: PriceCard, name: string): PricedModel {
  const model = card.byName.get(name);
  if (model === undefined) throw new Error(`${name} is not on the card`);
  return model;
}
