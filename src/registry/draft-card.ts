/** From what an operator asks for, a multiplier, models or explicit prices, to the card that is to become a version. */
import type { PriceBook } from '../metering/price-book.ts';
import { formatMultiplier, makeCardModels, multiplyPrice, parseMultiplier, serializeCard } from '../metering/price-card.ts';
import type { ClassPrices, Multiplier, PricedModel } from '../metering/price-card.ts';
import type { CardDraft } from './cards.ts';
import type { RouteRecord } from './routes.ts';

export interface CardWish {
  /** A decimal such as `0.8`. */
  readonly multiplier?: string;
  /** Names from the price book, by any of a model's names. */
  readonly models?: readonly string[];
  /** Add the models that are new in the price book. */
  readonly sync?: boolean;
}

/** Prices of the operator's own for models of the price book. */
export interface ExplicitPrices {
  readonly models: readonly { readonly model: string; readonly prices: ClassPrices }[];
  /** Micro-USDC per million; absent: the list price. */
  readonly webSearchPerMillion?: bigint;
  /** What the card says that it was made from. */
  readonly madeFrom: string;
}

export type CardProblem =
  /** `reason` names the text. */
  | { readonly kind: 'multiplier'; readonly reason: string }
  | { readonly kind: 'unknownModel'; readonly model: string }
  | { readonly kind: 'repeatedModel'; readonly model: string }
  /** The route's card has explicit prices, so there is nothing to price further models by. */
  | { readonly kind: 'noMultiplier'; readonly alias: string; readonly madeFrom: string }
  /** A model of the route's card is not in the price book any more. */
  | { readonly kind: 'modelLeftBook'; readonly alias: string; readonly model: string };

/** The card cannot be made as asked. Its message fits any surface; `problem` is for those that say more. */
export class CardWishError extends Error {
  readonly problem: CardProblem;
  constructor(problem: CardProblem) {
    super(wordsFor(problem));
    this.name = 'CardWishError';
    this.problem = problem;
  }
}

function wordsFor(problem: CardProblem): string {
  switch (problem.kind) {
    case 'multiplier':
      return problem.reason;
    case 'unknownModel':
      return `model "${problem.model}" is not in the price book`;
    case 'repeatedModel':
      return `model "${problem.model}" has prices twice`;
    case 'noMultiplier':
      return `the card of ${problem.alias} was made from ${problem.madeFrom}, so there is no multiplier for further models`;
    case 'modelLeftBook':
      return `model "${problem.model}" of ${problem.alias} is no longer in the price book; name the models to keep`;
  }
}

function requireMultiplier(text: string): Multiplier {
  const parsed = parseMultiplier(text);
  if (!parsed.ok) throw new CardWishError({ kind: 'multiplier', reason: parsed.reason });
  return parsed.multiplier;
}

function requireModel(book: PriceBook, name: string): PricedModel {
  const model = book.byName.get(name);
  if (model === undefined) throw new CardWishError({ kind: 'unknownModel', model: name });
  return model;
}

/** Each once, in the order in which they are named. */
const requireModels = (book: PriceBook, names: readonly string[]): PricedModel[] => [...new Set(names.map((name) => requireModel(book, name)))];

function fromBook(book: PriceBook, models: readonly PricedModel[], multiplier: string): CardDraft {
  const factor = requireMultiplier(multiplier);
  return {
    body: serializeCard({ models: makeCardModels(models, factor), webSearchPerMillion: multiplyPrice(book.webSearchPerMillion, factor) }),
    origin: { kind: 'multiplier', multiplier: formatMultiplier(factor), bookDate: book.date },
  };
}

/** The first card of a route: the book × the multiplier (1 by default) for the models (all by default). */
export function draftFirstCard(book: PriceBook, { multiplier = '1', models }: Pick<CardWish, 'multiplier' | 'models'>): CardDraft {
  return fromBook(book, models === undefined ? book.models : requireModels(book, models), multiplier);
}

/** A whole card of explicit prices. Bounds, names and geo pricing of the models are the book's. */
export function draftPricedCard(book: PriceBook, { models, webSearchPerMillion = book.webSearchPerMillion, madeFrom }: ExplicitPrices): CardDraft {
  const priced = new Map<string, PricedModel>();
  for (const { model: name, prices } of models) {
    const model = requireModel(book, name);
    if (priced.has(model.id)) throw new CardWishError({ kind: 'repeatedModel', model: name });
    priced.set(model.id, { ...model, prices });
  }
  return { body: serializeCard({ models: [...priced.values()], webSearchPerMillion }), origin: { kind: 'file', file: madeFrom } };
}

/** The multiplier for models that join an existing card. */
function multiplierOf({ alias, card: { origin } }: RouteRecord): string {
  if (origin.kind === 'multiplier') return origin.multiplier;
  throw new CardWishError({ kind: 'noMultiplier', alias, madeFrom: origin.file });
}

/** The models of the card as the book has them now. */
function currentModels(book: PriceBook, { alias, card }: RouteRecord): PricedModel[] {
  return card.card.models.map(({ id }) => {
    const model = book.byName.get(id);
    if (model === undefined) throw new CardWishError({ kind: 'modelLeftBook', alias, model: id });
    return model;
  });
}

/** Keeps the prices of models that the card has; the others get the book's × the card's multiplier. */
function extended(route: RouteRecord, wanted: readonly PricedModel[]): CardDraft {
  const { card, origin } = route.card;
  const missing = wanted.filter(({ id }) => !card.byName.has(id));
  const added = missing.length === 0 ? [] : makeCardModels(missing, requireMultiplier(multiplierOf(route)));
  const models = wanted.map(({ id }) => card.byName.get(id) ?? added.find((model) => model.id === id)).filter((model) => model !== undefined);
  const { webSearchPerMillion } = card;
  return { body: serializeCard({ models, webSearchPerMillion }), origin };
}

/**
 * The card that a change of the route asks for, or null when it leaves the card alone. Only a multiplier changes the
 * prices of models that the card has already.
 */
export function draftChangedCard(book: PriceBook, route: RouteRecord, { multiplier, models, sync = false }: CardWish): CardDraft | null {
  if (multiplier !== undefined) {
    const named = models === undefined ? currentModels(book, route) : requireModels(book, models);
    return fromBook(book, sync ? [...new Set([...named, ...book.models])] : named, multiplier);
  }
  const { card } = route.card;
  if (models !== undefined) {
    const named = requireModels(book, models);
    return extended(route, sync ? [...new Set([...card.models, ...named])] : named);
  }
  return sync ? extended(route, [...card.models, ...book.models.filter(({ id }) => !card.byName.has(id))]) : null;
}
