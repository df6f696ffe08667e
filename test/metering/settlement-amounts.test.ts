import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundUp } from '../../src/metering/cost.ts';
import { createPriceBook } from '../../src/metering/price-book.ts';
import { chargeFor, type ChargeInputs } from '../../src/metering/price.ts';
import { indexModels, type PriceCard, type PricedModel } from '../../src/metering/price-card.ts';
import { cacheSavedOf, listCostOf, settlementAmounts, splitCharge } from '../../src/metering/settlement-amounts.ts';
import { micro } from '../../src/money.ts';
import { NO_TOKENS, TOKEN_CLASSES, type TokenCounts, type Usage } from '../../src/tokens.ts';
import { cardAt, modelOf } from './cards.ts';

const BOOK = createPriceBook([]);
const LIST = cardAt('1');
const OPUS = 'claude-opus-4-6';

const usageOf = (tokens: Partial<TokenCounts>, rest: Partial<Usage> = {}): Usage => ({
  parts: [{ model: OPUS, tokens: { ...NO_TOKENS, ...tokens } }], webSearchRequests: 0, inferenceGeo: null, serviceTier: null, ...rest,
});
const inputsOf = (usage: Usage, card: PriceCard = LIST, rest: Partial<ChargeInputs> = {}): ChargeInputs => ({ usage, card, requestedModel: modelOf(card, OPUS), ...rest });

const count = fc.oneof(fc.constant(0), fc.nat(20), fc.nat(2_000_000));
const tokens = fc.record({ input: count, output: count, cacheWrite5m: count, cacheWrite1h: count, cacheRead: count });
const usage: fc.Arbitrary<Usage> = fc.record({
  parts: fc.array(fc.record({ model: fc.constantFrom(OPUS, 'claude-haiku-4-5-20251001', 'claude-sonnet-4-6', 'claude-unheard-of'), tokens }), { maxLength: 3 }),
  webSearchRequests: fc.nat(3),
  inferenceGeo: fc.constantFrom(null, 'us', 'global'),
  serviceTier: fc.constantFrom(null, 'standard', 'batch'),
});
const inputs = fc
  .record({ usage, card: fc.constantFrom(LIST, cardAt('0.8'), cardAt('1.37')), cap: fc.option(fc.bigInt({ min: 0n, max: 20_000_000n }), { nil: null }) })
  .map(({ usage: of, card, cap }) => inputsOf(of, card, cap === null ? {} : { capAt: micro(cap) }));

/** What usage costs in twenty-millionths of a micro, by plain multiplication. `priceOf` names the prices of a part. */
function plainSum(of: Usage, priceOf: (model: string) => PricedModel, prices: { search: bigint; uncached?: boolean }): bigint {
  const halves = of.serviceTier === 'batch' ? 1n : 2n;
  let sum = BigInt(of.webSearchRequests) * prices.search * 10n * halves;
  for (const part of of.parts) {
    const model = priceOf(part.model);
    const tenths = of.inferenceGeo === 'us' && model.geoPremium ? 11n : 10n;
    for (const name of TOKEN_CLASSES) {
      const price = prices.uncached && name !== 'output' ? model.prices.input : model.prices[name];
      sum += BigInt(part.tokens[name]) * price * tenths * halves;
    }
  }
  return sum;
}

describe('the amounts of a settlement', () => {
  it('agree with the charge, in total and class by class, and their parts add up to it', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const { total, flags, split } = settlementAmounts(given, BOOK);
        const charge = chargeFor(given);
        expect({ total, flags, byClass: split.byClass, webSearch: split.webSearch }).toEqual(charge);
        expect(TOKEN_CLASSES.reduce((sum, name) => sum + split.byClass[name], 0n as bigint) + split.webSearch).toBe(total);
        expect(splitCharge(given)).toEqual(split);
      }),
      { numRuns: 2_000 },
    );
  });

  it('are the same for a row on disk, where the cap is what the estimate was charged', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const { total, split, listCost } = settlementAmounts(given, BOOK);
        const onDisk = { ...given, capAt: total };
        expect(splitCharge(onDisk)).toEqual(split);
        expect(listCostOf(onDisk, BOOK)).toBe(listCost);
      }),
    );
  });
});

describe('what the cache saved', () => {
  it('is the cost with writes and reads as plain input, less the cost, each rounded up once', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const priceOf = (model: string): PricedModel => given.card.byName.get(model) ?? given.requestedModel;
        const search = given.card.webSearchPerMillion;
        const saved = roundUp(plainSum(given.usage, priceOf, { search, uncached: true })) - roundUp(plainSum(given.usage, priceOf, { search }));
        expect(cacheSavedOf(given)).toBe(saved);
        expect(settlementAmounts(given, BOOK).split.cacheSaved).toBe(saved);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is below zero where writes were never read, above it where reads made them good', () => {
    // 5 USD per million of input, 6.25 for a write, 0.50 for a read.
    expect(cacheSavedOf(inputsOf(usageOf({ cacheWrite5m: 1_000 })))).toBe(-1_250n);
    expect(cacheSavedOf(inputsOf(usageOf({ cacheWrite5m: 1_000, cacheRead: 1_000 })))).toBe(3_250n);
    expect(cacheSavedOf(inputsOf(usageOf({ input: 1_000, output: 1_000 })))).toBe(0n);
  });
});

describe('the list cost', () => {
  it('of a card at list prices is the charge itself, however it was capped', () => {
    fc.assert(
      fc.property(inputs, (given) => {
        const { total, listCost } = settlementAmounts({ ...given, card: LIST, requestedModel: modelOf(LIST, OPUS) }, BOOK);
        // What the card lacks is charged as the requested model, which the book knows.
        expect(listCost).toBe(total);
      }),
    );
  });

  it('is the usage at the prices of the book, rounded up once', () => {
    fc.assert(
      fc.property(inputs, ({ usage: of }) => {
        const card = cardAt('1.37');
        const priceOf = (model: string): PricedModel => BOOK.byName.get(model) ?? (BOOK.byName.get(OPUS) as PricedModel);
        const search = BOOK.webSearchPerMillion;
        expect(listCostOf(inputsOf(of, card), BOOK)).toBe(roundUp(plainSum(of, priceOf, { search })));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of an estimate that was capped is lowered by the same share', () => {
    const card = cardAt('1.25');
    // 1,000 tokens of output: 31,250 by the card, 25,000 by the list; capped at a fifth.
    expect(settlementAmounts(inputsOf(usageOf({ output: 1_000 }), card, { capAt: micro(6_250) }), BOOK)).toMatchObject({ total: 6_250n, listCost: 5_000n });
    expect(settlementAmounts(inputsOf(usageOf({ output: 1_000 }), card, { capAt: micro(0) }), BOOK)).toMatchObject({ total: 0n, listCost: 0n });
  });

  it('of a model that the book does not know is its cost by the card', () => {
    const own = { ...modelOf(cardAt('3'), OPUS), id: 'claude-own', aliases: [] };
    const card = { ...LIST, models: [own], byName: indexModels([own]) };
    const used = { ...usageOf({}), parts: [{ model: 'claude-own', tokens: { ...NO_TOKENS, output: 10 } }] };
    expect(settlementAmounts({ usage: used, card, requestedModel: own }, BOOK)).toMatchObject({ total: 750n, listCost: 750n });
  });

  it('of web searches goes by the fee of the book, where the card has another', () => {
    const card = { ...LIST, webSearchPerMillion: 2n * LIST.webSearchPerMillion };
    expect(settlementAmounts(inputsOf(usageOf({}, { webSearchRequests: 2 }), card), BOOK)).toMatchObject({ total: 40_000n, listCost: 20_000n });
  });

  it('goes by a model that the configuration names, once it does', () => {
    const dearer = { ...modelOf(cardAt('2'), OPUS) };
    expect(listCostOf(inputsOf(usageOf({ output: 10 })), createPriceBook([dearer]))).toBe(500n);
  });
});
