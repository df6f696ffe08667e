/** From the options of `route create` and `route set` to the card that is to become a version. */
import * as path from 'node:path';
import type { PriceBook } from '../metering/price-book.ts';
import { serializeCard } from '../metering/price-card.ts';
import type { CardDraft } from '../registry/cards.ts';
import { CardWishError, draftChangedCard, draftFirstCard } from '../registry/draft-card.ts';
import type { CardWish } from '../registry/draft-card.ts';
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

function wishOf({ multiplier, models, sync }: CardOptions): CardWish {
  return {
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(models === undefined ? {} : { models: splitList('--models', models) }),
    ...(sync === undefined ? {} : { sync }),
  };
}

/** A wish that cannot be met, in the words of the options. */
function inOptions<T>(book: PriceBook, draft: () => T): T {
  try {
    return draft();
  } catch (error) {
    throw error instanceof CardWishError ? wishRefusal(book, error) : error;
  }
}

function wishRefusal(book: PriceBook, { problem, message }: CardWishError): CliError {
  switch (problem.kind) {
    case 'multiplier':
      return usageError(`--multiplier ${problem.reason}.`);
    case 'unknownModel':
      return new CliError(`${message}.${didYouMean(problem.model, [...book.byName.keys()])}`, { next: 'ainogap price list' });
    case 'noMultiplier':
      return new CliError(`${message}. Add them to the file and give it with --card, or set a --multiplier for all.`);
    case 'modelLeftBook':
      return new CliError(`model "${problem.model}" of ${problem.alias} is no longer in the price book; name those to keep with --models.`, { next: 'ainogap price list' });
    case 'repeatedModel':
      return new CliError(`${message}.`);
  }
}

/** The first card of a route: from a file, or the book × the multiplier (1 by default) for the models (all by default). */
export function firstCard(ctx: CliContext, book: PriceBook, options: CardOptions): CardDraft {
  if (options.card !== undefined) return fromFile(ctx, book, options.card);
  return inOptions(book, () => draftFirstCard(book, wishOf(options)));
}

/**
 * The card that `route set` asks for, or null when it leaves the card alone. Only `--multiplier` and `--card` change
 * the prices of models that the card has already.
 */
export function changedCard(ctx: CliContext, book: PriceBook, { route, options }: { route: RouteRecord; options: CardOptions }): CardDraft | null {
  if (options.card !== undefined) return fromFile(ctx, book, options.card);
  return inOptions(book, () => draftChangedCard(book, route, wishOf(options)));
}
