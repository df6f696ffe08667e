import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apportion, COST_UNIT } from '../../src/metering/cost.ts';
import { chargeFor, chargeTotal, estimateUsage, usageOf } from '../../src/metering/price.ts';
import { micro } from '../../src/money.ts';
import { NO_TOKENS, TOKEN_CLASSES, type TokenCounts, type Usage } from '../../src/tokens.ts';
import { cardAt, modelOf } from './cards.ts';

const card = cardAt('1');
const opus = modelOf(card, 'claude-opus-4-6');
const haiku = modelOf(card, 'claude-haiku-4-5');

const tokens = (counts: Partial<TokenCounts>): TokenCounts => ({ ...NO_TOKENS, ...counts });
const usageWith = (counts: Partial<TokenCounts>, more: Partial<Usage> = {}): Usage => ({
  parts: [{ model: 'claude-opus-4-6', tokens: tokens(counts) }],
  webSearchRequests: 0,
  inferenceGeo: null,
  serviceTier: null,
  ...more,
});
const totalOf = (usage: Usage, requestedModel = opus) => chargeFor({ usage, card, requestedModel }).total;
const anyTokens = fc.record({ input: fc.nat(2_000_000), output: fc.nat(200_000), cacheWrite5m: fc.nat(2_000_000), cacheWrite1h: fc.nat(2_000_000), cacheRead: fc.nat(2_000_000) });

describe('the charge', () => {
  test('of the golden case is exactly 4200: Opus at 0.8, 50 input, 120 output, 200 written for 5m, 1500 read', () => {
    const cheaper = cardAt('0.8');
    const usage = usageWith({ input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 });
    expect(chargeFor({ usage, card: cheaper, requestedModel: modelOf(cheaper, 'claude-opus-4-6') })).toEqual({
      total: 4200n,
      byClass: { input: 200n, output: 2400n, cacheWrite5m: 1000n, cacheWrite1h: 0n, cacheRead: 600n },
      webSearch: 0n,
      flags: [],
    });
  });

  test('prices each class by itself', () => {
    for (const [tokenClass, micros] of [['input', 5n], ['output', 25n], ['cacheWrite5m', 6_250_000n], ['cacheWrite1h', 10n], ['cacheRead', 500_000n]] as const) {
      const count = micros > 1000n ? 1_000_000 : 1;
      expect(totalOf(usageWith({ [tokenClass]: count }))).toBe(micros);
    }
  });

  test('is rounded up once, not per class', () => {
    // 1 read is 0.5 micro, 1 write 6.25: 6.75 in all, where rounding each would give 8.
    expect(totalOf(usageWith({ cacheRead: 1, cacheWrite5m: 1 }))).toBe(7n);
    expect(totalOf(usageWith({ cacheRead: 1 }))).toBe(1n);
    expect(totalOf(usageWith({}))).toBe(0n);
  });

  test('with inference in the US is 1.1 times the token prices where the model has geo pricing, fees apart', () => {
    const us = { inferenceGeo: 'us' };
    expect(totalOf(usageWith({ input: 1000 }, us))).toBe(5500n);
    expect(totalOf(usageWith({ input: 1000 }, { inferenceGeo: 'global' }))).toBe(5000n);
    expect(totalOf(usageWith({ input: 1000 }, { ...us, parts: [{ model: 'claude-haiku-4-5', tokens: tokens({ input: 1000 }) }] }), haiku)).toBe(1000n);
    expect(totalOf(usageWith({}, { ...us, webSearchRequests: 3 }))).toBe(30_000n);
  });

  test('of a batch is half of everything', () => {
    const charge = chargeFor({ usage: usageWith({ input: 1001 }, { serviceTier: 'batch', webSearchRequests: 1 }), card, requestedModel: opus });
    expect(charge).toMatchObject({ total: 7503n, webSearch: 5000n, flags: [] });
  });

  test('at a tier or place without a price is at list prices, and flagged', () => {
    expect(chargeFor({ usage: usageWith({ input: 10 }, { serviceTier: 'priority', inferenceGeo: 'mars' }), card, requestedModel: opus })).toMatchObject({
      total: 50n,
      flags: ['tier_not_priced', 'geo_not_priced'],
    });
  });

  test('is by the response’s model, flagged where that is another, and by the requested one where the card lacks it', () => {
    const by = (model: string) => chargeFor({ usage: usageWith({}, { parts: [{ model, tokens: tokens({ input: 1000 }) }] }), card, requestedModel: opus });
    expect(by('claude-opus-4-6')).toMatchObject({ total: 5000n, flags: [] });
    expect(by('claude-haiku-4-5-20251001')).toMatchObject({ total: 1000n, flags: ['model_mismatch'] });
    expect(by('claude-unheard-of')).toMatchObject({ total: 5000n, flags: ['model_mismatch', 'model_not_priced'] });
    expect(chargeFor({ usage: usageWith({}, { parts: [{ model: 'claude-haiku-4-5-20251001', tokens: tokens({ input: 1000 }) }] }), card, requestedModel: haiku }).flags).toEqual([]);
  });

  test('of several parts is each at its own model’s prices, rounded up together', () => {
    const parts = [{ model: 'claude-opus-4-6', tokens: tokens({ cacheRead: 1 }) }, { model: 'claude-haiku-4-5', tokens: tokens({ cacheRead: 4 }) }];
    expect(totalOf(usageWith({}, { parts }))).toBe(1n);
  });

  test('capped at a hold is the hold, split in proportion', () => {
    const usage = usageWith({ input: 1000, output: 1000 });
    expect(chargeFor({ usage, card, requestedModel: opus, capAt: micro(300) })).toMatchObject({ total: 300n, byClass: { input: 50n, output: 250n } });
    expect(chargeFor({ usage, card, requestedModel: opus, capAt: micro(99_999) }).total).toBe(30_000n);
    expect(chargeFor({ usage, card, requestedModel: opus, capAt: micro(0) })).toMatchObject({ total: 0n, byClass: { input: 0n, output: 0n } });
  });

  test('is the exact sum rounded up, and its parts add up to it, each within a micro of its own share', () => {
    fc.assert(
      fc.property(anyTokens, fc.constantFrom('us', 'global'), fc.constantFrom('batch', 'standard'), fc.nat(50), fc.constantFrom('1', '0.333333', '1.7'), (counts, inferenceGeo, serviceTier, webSearchRequests, factor) => {
        const priced = cardAt(factor);
        const model = modelOf(priced, 'claude-opus-4-6');
        const inputs = { usage: usageWith(counts, { inferenceGeo, serviceTier, webSearchRequests }), card: priced, requestedModel: model };
        const charge = chargeFor(inputs);
        expect(chargeTotal(inputs)).toEqual({ total: charge.total, flags: charge.flags });
        expect(chargeTotal({ ...inputs, capAt: micro(1000) }).total).toBe(chargeFor({ ...inputs, capAt: micro(1000) }).total);
        const shares = TOKEN_CLASSES.map((c) => BigInt(counts[c]) * model.prices[c] * (inferenceGeo === 'us' ? 11n : 10n) * (serviceTier === 'batch' ? 1n : 2n));
        shares.push(BigInt(webSearchRequests) * priced.webSearchPerMillion * 10n * (serviceTier === 'batch' ? 1n : 2n));
        const sum = shares.reduce((a, b) => a + b);
        expect(charge.total * COST_UNIT - sum).toBeGreaterThanOrEqual(0n);
        expect(charge.total * COST_UNIT - sum).toBeLessThan(COST_UNIT);
        const parts = [...TOKEN_CLASSES.map((c) => charge.byClass[c]), charge.webSearch];
        expect(parts.reduce((a, b) => a + b, 0n)).toBe(charge.total);
        for (const [i, part] of parts.entries()) {
          const share = shares[i] as bigint;
          expect(part * COST_UNIT > share - COST_UNIT && part * COST_UNIT < share + COST_UNIT).toBe(true);
        }
      }),
    );
  });

  test('split by largest remainder gives the odd micros to the largest remainders first', () => {
    const unit = { numerator: 1n, denominator: 10n };
    expect(apportion([14n, 17n, 19n, 0n], 5n, unit)).toEqual([1n, 2n, 2n, 0n]);
    expect(apportion([15n, 15n], 3n, unit)).toEqual([2n, 1n]);
    expect(() => apportion([10n, 10n], 3n, unit)).toThrow(RangeError);
  });
});

describe('usage', () => {
  const reading = { model: null, tokens: tokens({ input: 10, output: 5 }), deltaBytes: 100 };

  test('without a model in the response is the requested model’s', () => {
    expect(usageOf(reading, opus)).toEqual({ parts: [{ model: 'claude-opus-4-6', tokens: reading.tokens }], webSearchRequests: 0, inferenceGeo: null, serviceTier: null });
    expect(usageOf({ ...reading, model: 'x', iterations: [{ model: 'y', tokens: NO_TOKENS }] }, opus).parts).toEqual([{ model: 'y', tokens: NO_TOKENS }]);
    expect(usageOf({ ...reading, iterations: [{ model: '', tokens: NO_TOKENS }] }, opus).parts).toEqual([{ model: opus.id, tokens: NO_TOKENS }]);
  });

  test('that is estimated takes a token for every 3 bytes of text, at least what was reported, at most what was possible', () => {
    const output = (deltaBytes: number, reported: number, outputTokensMax: number) =>
      estimateUsage({ ...reading, deltaBytes, tokens: tokens({ input: 10, output: reported }) }, { requestedModel: opus, outputTokensMax }).parts[0]?.tokens;
    expect(output(100, 5, 1000)).toEqual(tokens({ input: 10, output: 34 }));
    expect(output(99, 5, 1000)?.output).toBe(33);
    expect(output(100, 50, 1000)?.output).toBe(50);
    expect(output(100, 5, 20)?.output).toBe(20);
    expect(output(0, 0, 20)?.output).toBe(0);
  });

  test('that is estimated with iterations adds what is missing to the last of them', () => {
    const iterations = [{ model: 'a', tokens: tokens({ output: 10 }) }, { model: 'b', tokens: tokens({ output: 3 }) }];
    const parts = estimateUsage({ ...reading, iterations, deltaBytes: 60 }, { requestedModel: opus, outputTokensMax: 1000 }).parts;
    expect(parts.map((part) => part.tokens.output)).toEqual([10, 10]);
  });
});
