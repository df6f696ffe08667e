/**
 * List prices of the models that are built in, with their date. Configuration extends the book; a price card takes
 * its prices once, when it is made, so a new book reprices nothing.
 */
import { TOKEN_CLASSES } from '../tokens.ts';
import { indexModels, type ClassPrices, type PricedModel } from './price-card.ts';

/** The month the prices were read from https://platform.claude.com/docs/en/about-claude/pricing. */
export const PRICE_BOOK_DATE = '2026-11';
/** 10 USD per 1,000 web searches, in micro-USDC per million. Same page. */
export const WEB_SEARCH_PER_MILLION = 10_000_000_000n;

export interface PriceBook {
  readonly date: string;
  readonly models: readonly PricedModel[];
  /** Every id and alias → its model. */
  readonly byName: ReadonlyMap<string, PricedModel>;
  /** Micro-USDC per million web searches. */
  readonly webSearchPerMillion: bigint;
}

/** USD per million tokens in hundredths, in the order input, output, write 5m, write 1h, read. */
function cents(...prices: [number, number, number, number, number]): ClassPrices {
  const entries = TOKEN_CLASSES.map((tokenClass, i) => [tokenClass, BigInt(prices[i] as number) * 10_000n]);
  return Object.freeze(Object.fromEntries(entries)) as ClassPrices;
}

const MILLION = 1_000_000;

export const BUILT_IN_MODELS: readonly PricedModel[] = [
  {
    id: 'claude-haiku-4-5',
    aliases: ['claude-haiku-4-5-20251001'],
    prices: cents(100, 500, 125, 200, 10),
    contextWindow: 200_000,
    maxOutput: 64_000,
    geoPremium: false,
  },
  {
    id: 'claude-sonnet-4-6',
    aliases: [],
    prices: cents(300, 1500, 375, 600, 30),
    contextWindow: MILLION,
    maxOutput: 128_000,
    geoPremium: true,
  },
  {
    id: 'claude-opus-4-6',
    aliases: [],
    prices: cents(500, 2500, 625, 1000, 50),
    contextWindow: MILLION,
    maxOutput: 128_000,
    geoPremium: true,
  },
  {
    id: 'claude-opus-4-7',
    aliases: [],
    prices: cents(500, 2500, 625, 1000, 50),
    contextWindow: MILLION,
    maxOutput: 128_000,
    geoPremium: true,
  },
];

/**
 * The built-in models and those of the configuration; one with a built-in id replaces it.
 * Throws RangeError when two models share a name.
 */
export function createPriceBook(extra: readonly PricedModel[]): PriceBook {
  const replaced = new Set(extra.map((model) => model.id));
  const models = [...BUILT_IN_MODELS.filter((model) => !replaced.has(model.id)), ...extra];
  return { date: PRICE_BOOK_DATE, models, byName: indexModels(models), webSearchPerMillion: WEB_SEARCH_PER_MILLION };
}
