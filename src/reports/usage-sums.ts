/** What usage adds up to: the figures of every report, of one bucket or of many. */
import type { MicroUsdc } from '../money.ts';
import { ZERO } from '../money.ts';
import { NO_TOKENS, TOKEN_CLASSES, addTokens, type TokenClass, type TokenCounts } from '../tokens.ts';

export interface UsageSums {
  /** Requests that ended, refused ones included. */
  readonly requests: number;
  /** Those that broke: `upstream_error`, `failed`, `interrupted` or `recovered`. */
  readonly errors: number;
  /** Those refused before a hold: the buyer's to mend. */
  readonly refused: number;
  /** Those whose usage is an estimate (`estimated` or `recovered`). */
  readonly estimated: number;
  readonly tokens: TokenCounts;
  /** With `webSearchCharge`, adds up to `charge`: each request's charge is split by largest remainder, as on its receipt. */
  readonly chargeByClass: Readonly<Record<TokenClass, MicroUsdc>>;
  readonly webSearchCharge: MicroUsdc;
  /** Charged, what balances could not cover (`shortfall`) included. */
  readonly charge: MicroUsdc;
  readonly shortfall: MicroUsdc;
  /** The same usage at list prices as they were at settlement. */
  readonly listCost: MicroUsdc;
  /** What the same tokens had cost uncached, less what they cost: may be negative. */
  readonly cacheSaved: MicroUsdc;
}

const NO_CHARGES = Object.freeze(Object.fromEntries(TOKEN_CLASSES.map((tokenClass) => [tokenClass, ZERO]))) as UsageSums['chargeByClass'];

export const NO_USAGE: UsageSums = Object.freeze({
  requests: 0,
  errors: 0,
  refused: 0,
  estimated: 0,
  tokens: NO_TOKENS,
  chargeByClass: NO_CHARGES,
  webSearchCharge: ZERO,
  charge: ZERO,
  shortfall: ZERO,
  listCost: ZERO,
  cacheSaved: ZERO,
});

const plus = (a: MicroUsdc, b: MicroUsdc): MicroUsdc => (a + b) as MicroUsdc;

export function addUsage(a: UsageSums, b: UsageSums): UsageSums {
  const charges = TOKEN_CLASSES.map((tokenClass) => [tokenClass, plus(a.chargeByClass[tokenClass], b.chargeByClass[tokenClass])]);
  return {
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    refused: a.refused + b.refused,
    estimated: a.estimated + b.estimated,
    tokens: addTokens(a.tokens, b.tokens),
    chargeByClass: Object.fromEntries(charges) as UsageSums['chargeByClass'],
    webSearchCharge: plus(a.webSearchCharge, b.webSearchCharge),
    charge: plus(a.charge, b.charge),
    shortfall: plus(a.shortfall, b.shortfall),
    listCost: plus(a.listCost, b.listCost),
    cacheSaved: plus(a.cacheSaved, b.cacheSaved),
  };
}
