import type { Db } from '../db/open.ts';
import type { CardVersion } from '../ids.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { readCard } from '../registry/cards.ts';

/** Requests of one time share their cards, so few are read again. */
const CARDS_KEPT = 64;

/** Cards by version, for a pass over many requests. A card that cannot be read throws. */
export function createCardCache(db: Db): (version: CardVersion) => PriceCard {
  const cards = new Map<CardVersion, PriceCard>();
  return (version) => {
    const known = cards.get(version);
    if (known) return known;
    if (cards.size === CARDS_KEPT) cards.clear();
    const { card } = readCard(db, version);
    cards.set(version, card);
    return card;
  };
}
