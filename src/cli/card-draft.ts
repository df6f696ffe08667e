/** From the options of `route create` and `route set` to the card that is to become a version. */
import * as path from 'node:path';
import type { PriceBook } from '../metering/price-book.ts';
import { formatMultiplier, makeCardModels, multiplyPrice, parseMultiplier, serializeCard } from '../metering/price-card.ts';
import type { Multiplier, PricedModel } from '../metering/price-card.ts';
import type { CardDraft } from '../registry/cards.ts';
import type { RouteRecord } from '../registry/routes.ts';
import { parseCardFile } from './card-file.ts';
import { CliError, usageError } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { didYouMean } from '../nearest.ts';
import { readInput } from './read-input.ts';

export interface CardOptions {
  readonly multiplier?: string;
  readonly card?: string;
  readonly models?: string;
  readonly sync?: boolean;
}

/** Refuses options that contradict each other, before anything is read. */
export function checkCardOptions({ multiplier, card, models, sync }: CardOptions): void {
  if (card === undefined) return;
  if (multiplier !== undefined) throw usageError('--card gives explicit prices, --multiplier takes them from the price book: give one of them.');
  if (models !== undefined) throw usageError('--card names its models itself: leave out --models.');
  if (sync === true) throw usageError('--card replaces the whole card: leave out --sync.');
}

function requireMultiplier(text: string): Multiplier {
  const parsed = parseMultiplier(text);
  if (!parsed.ok) throw usageError(`--multiplier ${parsed.reason}.`);
  return parsed.multiplier;
}

/** The models of `--models a,b`, each once, by any of their names. */
function requireModels(book: PriceBook, list: string): PricedModel[] {
  const chosen = new Map<string, PricedModel>();
  for (const name of splitList('--models', list)) {
    const model = book.byName.get(name);
    if (model === undefined)
      throw new CliError(`model "${name}" is not in the price book.${didYouMean(name, [...book.byName.keys()])}`, { next: 'ainogap price list' });
    chosen.set(model.id, model);
  }
  return [...chosen.values()];
}

export function splitList(option: string, list: string): string[] {
  const words = list.split(',').map((word) => word.trim());
  if (words.includes('')) throw usageError(`${option} takes names separated by commas, such as a,b.`);
  return words;
}

function fromFile(ctx: CliContext, book: PriceBook, file: string): CardDraft {
  const text = readInput(ctx, { file, option: '--card', what: 'the price card' });
  const name = file === '-' ? 'stdin' : path.basename(file);
  const parsed = parseCardFile(text, name, book);
  if (parsed.ok) return { body: serializeCard(parsed.card), origin: { kind: 'file', file: name } };
  const { length } = parsed.problems;
  throw new CliError(`the price card has ${length === 1 ? 'a mistake' : `${length} mistakes`}:${parsed.problems.map((line) => `\n  ${line}`).join('')}`);
}

function fromBook(book: PriceBook, models: readonly PricedModel[], multiplier: string): CardDraft {
  const factor = requireMultiplier(multiplier);
  return {
    body: serializeCard({ models: makeCardModels(models, factor), webSearchPerMillion: multiplyPrice(book.webSearchPerMillion, factor) }),
    origin: { kind: 'multiplier', multiplier: formatMultiplier(factor), bookDate: book.date },
  };
}

/** The first card of a route: from a file, or the book × the multiplier (1 by default) for the models (all by default). */
export function firstCard(ctx: CliContext, book: PriceBook, options: CardOptions): CardDraft {
  if (options.card !== undefined) return fromFile(ctx, book, options.card);
  const models = options.models === undefined ? book.models : requireModels(book, options.models);
  return fromBook(book, models, options.multiplier ?? '1');
}

/** The multiplier for models that join an existing card. */
function multiplierOf({ alias, card }: RouteRecord): string {
  if (card.origin.kind === 'multiplier') return card.origin.multiplier;
  throw new CliError(
    `the card of ${alias} was made from ${card.origin.file}, so there is no multiplier for further models. Add them to the file and give it with --card, or set a --multiplier for all.`,
  );
}

/** The models of the card as the book has them now. */
function currentModels(book: PriceBook, { alias, card }: RouteRecord): PricedModel[] {
  return card.card.models.map(({ id }) => {
    const model = book.byName.get(id);
    if (model === undefined) throw new CliError(`model "${id}" of ${alias} is no longer in the price book; name those to keep with --models.`, { next: 'ainogap price list' });
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
 * The card that `route set` asks for, or null when it leaves the card alone. Only `--multiplier` and `--card` change
 * the prices of models that the card has already.
 */
export function changedCard(ctx: CliContext, book: PriceBook, { route, options }: { route: RouteRecord; options: CardOptions }): CardDraft | null {
  if (options.card !== undefined) return fromFile(ctx, book, options.card);
  if (options.multiplier !== undefined) {
    const named = options.models === undefined ? currentModels(book, route) : requireModels(book, options.models);
    const models = options.sync === true ? [...new Set([...named, ...book.models])] : named;
    return fromBook(book, models, options.multiplier);
  }
  const { card } = route.card;
  if (options.models !== undefined) {
    const named = requireModels(book, options.models);
    return extended(route, options.sync === true ? [...new Set([...card.models, ...named])] : named);
  }
  return options.sync === true ? extended(route, [...card.models, ...book.models.filter(({ id }) => !card.byName.has(id))]) : null;
}
