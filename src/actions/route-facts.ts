/** What the audit log keeps of a route: its settings, its card's version and origin, and the prices of each model. */
import { formatBuyerId, formatCardVersion } from '../ids.ts';
import type { PricedModel } from '../metering/price-card.ts';
import { jsonMicros } from '../money.ts';
import type { RouteRecord } from '../registry/routes.ts';
import { TOKEN_CLASSES } from '../tokens.ts';

export type RouteFacts = Readonly<Record<string, unknown>>;

const pricesOf = ({ prices }: PricedModel): Record<string, number> =>
  Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, jsonMicros(prices[tokenClass])]));

/** `buyers` is null where the route is open to all. */
export function routeFacts({ upstream, buyers, holdOutputTokens, card: { card, origin } }: RouteRecord): RouteFacts {
  return {
    upstream,
    buyers: buyers?.map(({ id }) => formatBuyerId(id)) ?? null,
    holdOutputTokens,
    cardVersion: formatCardVersion(card.version),
    cardOrigin: origin,
    webSearchPerMillionUsdMicros: jsonMicros(card.webSearchPerMillion),
    pricesPerMillionUsdMicros: Object.fromEntries(card.models.map((model) => [model.id, pricesOf(model)])),
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const isObject = (value: unknown): value is RouteFacts => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Of `facts`, what `other` has not or has otherwise; of the prices only the models that differ. */
export function differing(facts: RouteFacts, other: RouteFacts): RouteFacts {
  const entries = Object.entries(facts).filter(([name, value]) => !same(value, other[name]));
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const theirs = other[name];
      return [name, name === 'pricesPerMillionUsdMicros' && isObject(value) && isObject(theirs) ? differing(value, theirs) : value];
    }),
  );
}
