/**
 * The calculator's arithmetic, the same on the page and on the server: counts × prices in exact integers, summed, and
 * rounded up once. It knows neither the page nor the database.
 */
import { COST_UNIT, costOf, roundUp } from '../metering/cost.ts';
import type { ClassPrices } from '../metering/price-card.ts';
import type { MicroUsdc } from '../money.ts';
import { TOKEN_CLASSES, type TokenClass, type TokenCounts } from '../tokens.ts';

export interface Rates {
  /** Micro-USDC per million tokens. */
  readonly prices: ClassPrices;
  /** Micro-USDC per million web searches. */
  readonly webSearchPerMillion: bigint;
  /** Whether answers with `inference_geo: "us"` cost 1.1 times as much. */
  readonly geoPremium: boolean;
}

export interface Used {
  readonly tokens: TokenCounts;
  readonly webSearches: number;
  readonly us: boolean;
}

export interface Product {
  readonly of: TokenClass | 'webSearch';
  readonly count: number;
  readonly perMillion: bigint;
  /** Exact, in micro-USDC, such as `12.375`. */
  readonly exact: string;
}

export interface Calculation {
  /** The five classes in their order, then web searches. */
  readonly products: readonly Product[];
  /** Exact, in micro-USDC. */
  readonly sum: string;
  /** The sum rounded up. */
  readonly total: MicroUsdc;
  /** What geo pricing multiplies tokens by; null: nothing. */
  readonly factor: '1.1' | null;
}

export function calculate({ prices, webSearchPerMillion, geoPremium }: Rates, { tokens, webSearches, us }: Used): Calculation {
  const premium = us && geoPremium;
  const tenths = premium ? 11n : 10n;
  let sum = 0n;
  const product = (of: Product['of'], count: number, perMillion: bigint): Product => {
    const cost = of === 'webSearch' ? costOf(count, perMillion) : costOf(count, perMillion, { tenths });
    sum += cost;
    return { of, count, perMillion, exact: exactMicros(cost) };
  };
  const products = [...TOKEN_CLASSES.map((tokenClass) => product(tokenClass, tokens[tokenClass], prices[tokenClass])), product('webSearch', webSearches, webSearchPerMillion)];
  return { products, sum: exactMicros(sum), total: roundUp(sum), factor: premium ? '1.1' : null };
}

/** A cost in units of 1 / COST_UNIT micro-USDC as a decimal; COST_UNIT divides 10⁸, so it always ends. */
function exactMicros(cost: bigint): string {
  const fraction = ((cost % COST_UNIT) * (100_000_000n / COST_UNIT)).toString().padStart(8, '0').replace(/0+$/, '');
  const whole = (cost / COST_UNIT).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** The largest count that the calculator takes: more than any context window. */
export const COUNT_MAX = 1_000_000_000;

/** A count as people type it: digits, perhaps with separators; null: not one. Nothing typed is 0. */
export function parseCount(text: string): number | null {
  const digits = text.replace(/[\s,_']/g, '');
  if (digits === '') return 0;
  const count = /^\d{1,10}$/.test(digits) ? Number(digits) : COUNT_MAX + 1;
  return count <= COUNT_MAX ? count : null;
}
