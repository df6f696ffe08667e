import { formatBuyerId, formatCardVersion, formatRouteId } from '../ids.ts';
import type { PriceBook } from '../metering/price-book.ts';
import type { ClassPrices, PricedModel } from '../metering/price-card.ts';
import { jsonMicros } from '../money.ts';
import type { RouteRecord } from '../registry/routes.ts';
import { isoTime } from './iso-time.ts';

/** Five prices in micro-USDC per million tokens, as every `--json` shows them. */
export function pricesJson(prices: ClassPrices): Record<string, number> {
  return {
    inputPerMillionTokensUsdMicros: jsonMicros(prices.input),
    outputPerMillionTokensUsdMicros: jsonMicros(prices.output),
    cacheWrite5mPerMillionTokensUsdMicros: jsonMicros(prices.cacheWrite5m),
    cacheWrite1hPerMillionTokensUsdMicros: jsonMicros(prices.cacheWrite1h),
    cacheReadPerMillionTokensUsdMicros: jsonMicros(prices.cacheRead),
  };
}

/** A route as every `--json` shows it. `list` is the price book's of now, null for a model that has left it. */
export function routeJson(route: RouteRecord, book: PriceBook): Record<string, unknown> {
  const { card, origin, createdAt } = route.card;
  return {
    routeId: formatRouteId(route.id),
    alias: route.alias,
    upstream: route.upstream,
    open: route.buyers === null,
    buyers: route.buyers?.map(({ id, name }) => ({ buyerId: formatBuyerId(id), name })) ?? null,
    holdOutputTokens: route.holdOutputTokens,
    createdAt: isoTime(route.createdAt),
    cardVersion: formatCardVersion(card.version),
    cardCreatedAt: isoTime(createdAt),
    cardOrigin: origin,
    webSearchPerMillionUsdMicros: jsonMicros(card.webSearchPerMillion),
    models: card.models.map((model) => modelJson(model, book.byName.get(model.id))),
  };
}

function modelJson(model: PricedModel, listed: PricedModel | undefined): Record<string, unknown> {
  return {
    model: model.id,
    aliases: model.aliases,
    contextWindow: model.contextWindow,
    maxOutput: model.maxOutput,
    prices: pricesJson(model.prices),
    list: listed === undefined ? null : pricesJson(listed.prices),
  };
}
