/** Checks of prices and charges for `ainogap verify`: every charge is computed anew from its counts and its card. */
import type { Db } from '../db/open.ts';
import { formatCardVersion, type CardVersion } from '../ids.ts';
import { chargeTotal } from '../metering/price.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { readCard } from '../registry/cards.ts';
import { addTokens, NO_TOKENS, TOKEN_CLASSES } from '../tokens.ts';
import type { ChargedRow } from './charged-rows.ts';
import { billedUsage } from './requests.ts';

export const PRICE_CARDS = { name: 'price cards', passed: 'every price card can be read', difference: unreadableCard } as const;
/** What each request that held money is checked for: see `wrongChargeOf`. */
export const PRICES = { name: 'prices', passed: 'each charge is what its counts cost by its card (an estimate: at most that)' } as const;

function unreadableCard(db: Db): string | null {
  const next = db.prepare('SELECT version FROM price_cards WHERE version > ? ORDER BY version LIMIT 1').pluck();
  for (let version = next.get(-1); version !== undefined; version = next.get(version)) {
    const problem = failureOf(() => readCard(db, Number(version) as CardVersion));
    if (problem !== null) return `${formatCardVersion(Number(version) as CardVersion)}: ${problem}`;
  }
  return null;
}

/** What is wrong with the charge of a request that has settled, or null. A damaged row may make it throw. */
export function wrongChargeOf(entry: ChargedRow, cardOfVersion: (version: CardVersion) => PriceCard): string | null {
  const { usageSource, charge } = entry;
  if (entry.cardVersion === null) return charge === 0n ? null : `is charged ${charge} micro-USDC by no price card`;
  let card: PriceCard;
  try {
    card = cardOfVersion(entry.cardVersion);
  } catch (error) {
    return `is settled by a card that cannot be read: ${(error as Error).message}`;
  }
  if (usageSource === 'none') return charge === 0n ? null : `is charged ${charge} micro-USDC for no usage`;
  const usage = billedUsage(entry);
  const requestedModel = entry.model === null ? undefined : card.byName.get(entry.model);
  if (usage === null || requestedModel === undefined) return `asked for a model that ${formatCardVersion(entry.cardVersion)} does not price`;
  const sum = usage.parts.reduce((total, part) => addTokens(total, part.tokens), NO_TOKENS);
  const off = TOKEN_CLASSES.find((tokenClass) => sum[tokenClass] !== entry.tokens[tokenClass]);
  if (off !== undefined) return `counts ${entry.tokens[off]} ${off} tokens, its parts ${sum[off]}`;
  const { total } = chargeTotal({ usage, card, requestedModel });
  const exact = usageSource === 'reported' || usageSource === 'drained';
  if (!exact && usageSource !== 'estimated' && usageSource !== 'recovered') return `has a usage from "${String(usageSource)}", which is no source`;
  if (exact ? charge === total : charge <= total) return null;
  return `is charged ${charge} micro-USDC, its counts cost ${total} by ${formatCardVersion(entry.cardVersion)}`;
}

function failureOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}
