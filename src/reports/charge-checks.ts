/** Checks of prices and charges for `ainogap verify`: every charge is computed anew from its counts and its card. */
import type { Db } from '../db/open.ts';
import { formatCardVersion, formatRequestId, type CardVersion, type RequestId } from '../ids.ts';
import { chargeTotal } from '../metering/price.ts';
import type { PriceCard } from '../metering/price-card.ts';
import { readCard } from '../registry/cards.ts';
import { addTokens, NO_TOKENS, TOKEN_CLASSES } from '../tokens.ts';
import { billedUsage, settledRequestsAfter, type RequestEntry } from './requests.ts';

const PAGE = 1_000;
/** Requests of one time share their cards, so few are read again. */
const CARDS_KEPT = 64;

/** Each finds its first difference, or null; a damaged row may make it throw. Memory does not grow with the rows. */
export const CHARGE_CHECKS = [
  { name: 'price cards', passed: 'every price card can be read', difference: unreadableCard },
  { name: 'prices', passed: 'each charge is what its counts cost by its card (an estimate: at most that)', difference: wrongCharge },
] as const;

function unreadableCard(db: Db): string | null {
  const next = db.prepare('SELECT version FROM price_cards WHERE version > ? ORDER BY version LIMIT 1').pluck();
  for (let version = next.get(-1); version !== undefined; version = next.get(version)) {
    const problem = failureOf(() => readCard(db, Number(version) as CardVersion));
    if (problem !== null) return `${formatCardVersion(Number(version) as CardVersion)}: ${problem}`;
  }
  return null;
}

function wrongCharge(db: Db): string | null {
  const cards = new Map<CardVersion, PriceCard>();
  let after = 0n as RequestId;
  for (;;) {
    const page = settledRequestsAfter(db, after, PAGE);
    for (const entry of page) {
      const problem = problemOf(entry, (version) => cardOf(db, cards, version));
      if (problem !== null) return `${formatRequestId(entry.requestId)} ${problem}`;
      after = entry.requestId;
    }
    if (page.length < PAGE) return null;
  }
}

function cardOf(db: Db, cards: Map<CardVersion, PriceCard>, version: CardVersion): PriceCard {
  const known = cards.get(version);
  if (known) return known;
  if (cards.size === CARDS_KEPT) cards.clear();
  const { card } = readCard(db, version);
  cards.set(version, card);
  return card;
}

function problemOf(entry: RequestEntry, cardOfVersion: (version: CardVersion) => PriceCard): string | null {
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
