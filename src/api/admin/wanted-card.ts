/** From the body of a request about a route to the price card that it asks for. */
import { didYouMean } from '../../nearest.ts';
import type { PriceBook } from '../../metering/price-book.ts';
import type { ClassPrices } from '../../metering/price-card.ts';
import type { CardDraft } from '../../registry/cards.ts';
import { CardWishError, draftChangedCard, draftFirstCard, draftPricedCard, type CardWish } from '../../registry/draft-card.ts';
import type { RouteRecord } from '../../registry/routes.ts';
import { TOKEN_CLASSES } from '../../tokens.ts';
import { ApiError } from '../api-error.ts';
import type { z } from '@hono/zod-openapi';
import type { routeBody, routeChangeBody } from '../schemas/admin.ts';

export type WantedRoute = z.output<typeof routeBody>;
export type WantedChange = z.output<typeof routeChangeBody>;
type WantedPrices = Pick<WantedRoute, 'multiplier' | 'models' | 'prices' | 'webSearchPerMillionUsdMicros'> & { readonly sync?: boolean };

/** What a card of explicit prices says that it was made from. */
const MADE_FROM = 'explicit prices';
/** As in a card file: 1 USDC per token. */
const PRICE_MAX = 1_000_000_000_000;

export function firstCard(book: PriceBook, wanted: WantedRoute): CardDraft {
  refuseContradictions(wanted);
  return inFields(book, () => (wanted.prices === undefined ? draftFirstCard(book, wishOf(wanted)) : pricedCard(book, wanted.prices, wanted.webSearchPerMillionUsdMicros)));
}

/** Null: the card stays. */
export function changedCard(book: PriceBook, route: RouteRecord, wanted: WantedChange): CardDraft | null {
  refuseContradictions(wanted);
  return inFields(book, () => (wanted.prices === undefined ? draftChangedCard(book, route, wishOf(wanted)) : pricedCard(book, wanted.prices, wanted.webSearchPerMillionUsdMicros)));
}

function refuseContradictions({ multiplier, models, prices, webSearchPerMillionUsdMicros, sync = false }: WantedPrices): void {
  const refuse = (field: string, problem: string): never => {
    throw new ApiError('invalid_request', `${field}: ${problem}`, { details: { parameter: field } });
  };
  if (prices === undefined && webSearchPerMillionUsdMicros !== undefined) refuse('webSearchPerMillionUsdMicros', 'it belongs to explicit `prices`; with a multiplier the fee is the list price × it.');
  if (prices === undefined) return;
  if (multiplier !== undefined) refuse('multiplier', '`prices` are explicit, a multiplier takes them from the price book: give one of them.');
  if (models !== undefined) refuse('models', '`prices` name their models themselves: leave out `models`.');
  if (sync) refuse('sync', '`prices` replace the whole card: leave out `sync`.');
}

function wishOf({ multiplier, models, sync }: WantedPrices): CardWish {
  return { ...(multiplier === undefined ? {} : { multiplier }), ...(models === undefined ? {} : { models }), ...(sync === undefined ? {} : { sync }) };
}

function pricedCard(book: PriceBook, prices: NonNullable<WantedPrices['prices']>, webSearch: number | undefined): CardDraft {
  const models = prices.map(({ model, pricesPerMillionUsdMicros: given }, index) => ({
    model,
    prices: Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, priceOf(`prices[${index}].pricesPerMillionUsdMicros.${tokenClass}`, given[tokenClass])])) as ClassPrices,
  }));
  return draftPricedCard(book, { models, madeFrom: MADE_FROM, ...(webSearch === undefined ? {} : { webSearchPerMillion: priceOf('webSearchPerMillionUsdMicros', webSearch) }) });
}

function priceOf(field: string, value: number): bigint {
  if (value > PRICE_MAX) throw new ApiError('invalid_request', `${field}: ${value} is above the largest price, ${PRICE_MAX}.`, { details: { parameter: field } });
  return BigInt(value);
}

/** A wish that cannot be met, in the words of the body's fields. */
function inFields<T>(book: PriceBook, draft: () => T): T {
  try {
    return draft();
  } catch (error) {
    throw error instanceof CardWishError ? wishRefusal(book, error) : error;
  }
}

function wishRefusal(book: PriceBook, { problem, message }: CardWishError): ApiError {
  const refused = (field: string, text: string): ApiError => new ApiError('invalid_request', `${field}: ${text}`, { details: { parameter: field } });
  switch (problem.kind) {
    case 'multiplier':
      return refused('multiplier', `${message}.`);
    case 'unknownModel':
      return refused('models', `${message}.${didYouMean(problem.model, [...book.byName.keys()])}`);
    case 'repeatedModel':
      return refused('prices', `${message}.`);
    case 'noMultiplier':
      return refused('models', `${message}. Give prices for all, or a multiplier for all.`);
    case 'modelLeftBook':
      return refused('models', `${message}.`);
  }
}
