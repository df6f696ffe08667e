/** Routes, price cards and the price book as an operator sees them: with list prices and margins. */
import { isoTime } from '../../documents/iso-time.ts';
import { formatBuyerId, formatCardVersion, formatRouteId } from '../../ids.ts';
import type { PriceBook } from '../../metering/price-book.ts';
import type { ClassPrices, PricedModel } from '../../metering/price-card.ts';
import { jsonMicros } from '../../money.ts';
import type { StoredCard } from '../../registry/cards.ts';
import type { RouteRecord } from '../../registry/routes.ts';
import type { UsageSums } from '../../reports/usage-sums.ts';
import { TOKEN_CLASSES, type TokenClass } from '../../tokens.ts';
import { buyerTotals } from '../buyer/usage-totals.ts';

type Json = Record<string, unknown>;

const perClass = <T>(of: (tokenClass: TokenClass) => T): Record<string, T> => Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, of(tokenClass)]));

/** (price − list) ÷ price with six decimals; null where nothing is charged. */
function marginOf(price: bigint, list: bigint): number | null {
  return price === 0n ? null : Number(((price - list) * 1_000_000n) / price) / 1_000_000;
}

const marginsOf = (prices: ClassPrices, list: ClassPrices) => perClass((tokenClass) => marginOf(prices[tokenClass], list[tokenClass]));
const pricesOf = (prices: ClassPrices) => perClass((tokenClass) => jsonMicros(prices[tokenClass]));

export function bookModelDocument({ id, aliases, contextWindow, maxOutput, geoPremium, prices }: PricedModel): Json {
  return { model: id, aliases, contextWindow, maxOutput, geoPremium, pricesPerMillionUsdMicros: pricesOf(prices) };
}

function modelDocument(model: PricedModel, book: PriceBook): Json {
  const listed = book.byName.get(model.id)?.prices ?? null;
  return {
    ...bookModelDocument(model),
    listPerMillionUsdMicros: listed === null ? null : pricesOf(listed),
    margin: listed === null ? null : marginsOf(model.prices, listed),
  };
}

export function cardDocument({ card, origin, createdAt }: StoredCard, { book, inForce }: { readonly book: PriceBook; readonly inForce: boolean }): Json {
  return {
    priceCard: formatCardVersion(card.version),
    createdAt: isoTime(createdAt),
    inForce,
    origin,
    webSearchPerMillionUsdMicros: jsonMicros(card.webSearchPerMillion),
    listWebSearchPerMillionUsdMicros: jsonMicros(book.webSearchPerMillion),
    models: card.models.map((model) => modelDocument(model, book)),
  };
}

export interface RouteSurroundings {
  readonly book: PriceBook;
  /** Names of the configured upstreams. */
  readonly upstreams: ReadonlySet<string>;
  readonly lastHour: (routeId: number) => UsageSums;
  readonly today: (routeId: number) => UsageSums;
}

export function routeDocument(route: RouteRecord, { book, upstreams, lastHour, today }: RouteSurroundings): Json {
  return {
    alias: route.alias,
    routeId: formatRouteId(route.id),
    upstream: route.upstream,
    upstreamConfigured: upstreams.has(route.upstream),
    buyers: route.buyers?.map(({ id, name }) => ({ buyerId: formatBuyerId(id), name })) ?? null,
    holdOutputTokens: route.holdOutputTokens,
    createdAt: isoTime(route.createdAt),
    card: cardDocument(route.card, { book, inForce: true }),
    lastHour: buyerTotals(lastHour(route.id)),
    today: buyerTotals(today(route.id)),
  };
}

/** Models with a price below the list's of now: a sale below list may be meant, but not by accident. */
export function modelsBelowList({ card: { card } }: RouteRecord, book: PriceBook): string[] {
  const below = card.models.filter(({ id, prices }) => {
    const list = book.byName.get(id)?.prices;
    return list !== undefined && TOKEN_CLASSES.some((tokenClass) => prices[tokenClass] < list[tokenClass]);
  });
  return below.map(({ id }) => id);
}
