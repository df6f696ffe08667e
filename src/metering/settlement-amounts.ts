/**
 * What a settlement writes down beside its charge: the charge class by class, what the cache saved, and what the same
 * usage costs at list prices. Pure, so that a rebuild of the sums and a receipt compute the same.
 */
import { ZERO, type MicroUsdc } from '../money.ts';
import type { UsagePart } from '../tokens.ts';
import { costOf, roundUp } from './cost.ts';
import type { PriceBook } from './price-book.ts';
import type { PricedModel } from './price-card.ts';
import { cappedTotal, costsBy, costsOf, factorsFor, flagsOf, pricedAs, splitCosts, sumOf, type Charge, type ChargeInputs } from './price.ts';

/** The parts of a charge, which add up to it, and what caching saved. */
export interface SplitCharge extends Pick<Charge, 'byClass' | 'webSearch'> {
  /**
   * What the usage had cost with its cache writes and reads billed as plain input, less what it costs, each rounded up
   * once: at the card's prices, with their factors. Negative where writes cost more than reads saved. A cap changes
   * nothing in it: it tells of the tokens, not of the charge.
   */
  readonly cacheSaved: MicroUsdc;
}

export interface SettlementAmounts extends Pick<Charge, 'total' | 'flags'> {
  readonly split: SplitCharge;
  readonly listCost: MicroUsdc;
}

/** List prices, as `createPriceBook` makes them. */
export type ListPrices = Pick<PriceBook, 'byName' | 'webSearchPerMillion'>;

/** Everything that settling a request computes, from one pass over its costs. Token counts as for `chargeFor`. */
export function settlementAmounts(inputs: ChargeInputs, book: ListPrices): SettlementAmounts {
  const costs = costsOf(inputs);
  const sum = sumOf(costs);
  const { total, byClass, webSearch } = splitCosts(costs, inputs.capAt ?? null);
  return {
    total,
    flags: flagsOf(inputs),
    split: { byClass, webSearch, cacheSaved: savedFrom(inputs, sum) },
    listCost: listCostFrom(inputs, book, sum),
  };
}

/** The charge class by class and what the cache saved. For a row that is on disk, `capAt` is what an estimate was charged. */
export function splitCharge(inputs: ChargeInputs): SplitCharge {
  const costs = costsOf(inputs);
  const { byClass, webSearch } = splitCosts(costs, inputs.capAt ?? null);
  return { byClass, webSearch, cacheSaved: savedFrom(inputs, sumOf(costs)) };
}

/** See `SplitCharge.cacheSaved`. */
export function cacheSavedOf(inputs: ChargeInputs): MicroUsdc {
  return savedFrom(inputs, sumOf(costsOf(inputs)));
}

/**
 * The same usage at list prices, factors and web search fee, rounded up once. What the book does not know has its card's
 * prices. The list cost of an estimate that was capped is lowered by the same share as its charge: the counts were
 * found to be too high for both, so a card at list prices still has a margin of nothing.
 */
export function listCostOf(inputs: ChargeInputs, book: ListPrices): MicroUsdc {
  return listCostFrom(inputs, book, sumOf(costsOf(inputs)));
}

function savedFrom(inputs: ChargeInputs, sum: bigint): MicroUsdc {
  let uncached = sum;
  for (const part of inputs.usage.parts) {
    const { cacheWrite5m, cacheWrite1h, cacheRead } = part.tokens;
    if (cacheWrite5m + cacheWrite1h + cacheRead === 0) continue;
    const model = pricedAs(part, inputs);
    const { prices } = model;
    const factors = factorsFor(inputs.usage, model);
    if (cacheWrite5m > 0) uncached += costOf(cacheWrite5m, prices.input - prices.cacheWrite5m, factors);
    if (cacheWrite1h > 0) uncached += costOf(cacheWrite1h, prices.input - prices.cacheWrite1h, factors);
    if (cacheRead > 0) uncached += costOf(cacheRead, prices.input - prices.cacheRead, factors);
  }
  return uncached === sum ? ZERO : ((roundUp(uncached) - roundUp(sum)) as MicroUsdc);
}

function listCostFrom(inputs: ChargeInputs, book: ListPrices, sum: bigint): MicroUsdc {
  const listed = isAtList(inputs, book) ? sum : listSum(inputs, book);
  const total = cappedTotal(sum, inputs.capAt ?? null);
  // Capped only if the sum is above zero.
  return total === roundUp(sum) ? roundUp(listed) : (((listed * total + sum - 1n) / sum) as MicroUsdc);
}

/** Most cards are the book's prices as they are: then the charge's own sum is the list's. */
function isAtList(inputs: ChargeInputs, book: ListPrices): boolean {
  const { usage, card } = inputs;
  if (usage.webSearchRequests > 0 && card.webSearchPerMillion !== book.webSearchPerMillion) return false;
  for (const part of usage.parts) {
    const model = pricedAs(part, inputs);
    if (!samePrices(model, listedAs(part, model, book))) return false;
  }
  return true;
}

function listSum(inputs: ChargeInputs, book: ListPrices): bigint {
  const modelOf = (part: UsagePart): PricedModel => listedAs(part, pricedAs(part, inputs), book);
  return sumOf(costsBy(inputs.usage, { modelOf, webSearchPerMillion: book.webSearchPerMillion }));
}

/** The model that answered, as the book knows it; else the one it was charged as; else the card's own. */
function listedAs(part: UsagePart, charged: PricedModel, book: ListPrices): PricedModel {
  return book.byName.get(part.model) ?? book.byName.get(charged.id) ?? charged;
}

function samePrices(a: PricedModel, b: PricedModel): boolean {
  if (a === b) return true;
  const [p, q] = [a.prices, b.prices];
  return (
    p.input === q.input &&
    p.output === q.output &&
    p.cacheRead === q.cacheRead &&
    p.cacheWrite5m === q.cacheWrite5m &&
    p.cacheWrite1h === q.cacheWrite1h &&
    a.geoPremium === b.geoPremium
  );
}
