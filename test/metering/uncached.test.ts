import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargeFor } from '../../src/metering/price.ts';
import { buildReceipt, recomputeReceipt, type ReceiptDocument } from '../../src/metering/receipt.ts';
import { cacheSavedOf } from '../../src/metering/settlement-amounts.ts';
import { uncachedOf } from '../../src/metering/uncached.ts';
import { NO_TOKENS, type TokenCounts, type Usage } from '../../src/tokens.ts';
import { cardAt, modelOf } from './cards.ts';

const card = cardAt('0.8', 12);
const opus = modelOf(card, 'claude-opus-4-6');

function receiptOf(usage: Usage): ReceiptDocument {
  const charged = chargeFor({ usage, card, requestedModel: opus }).total;
  return buildReceipt({ request: {}, card, requestedModel: opus, usage, usageSource: 'reported', quoteBasis: 'bytes', flags: [], charged });
}
const usageOf = (tokens: Partial<TokenCounts>): Usage => ({
  parts: [{ model: 'claude-opus-4-6', tokens: { ...NO_TOKENS, ...tokens } }],
  webSearchRequests: 0,
  inferenceGeo: null,
  serviceTier: null,
});

describe('what a request had cost uncached', () => {
  test('of the golden case is 9,400 micro-USDC for 1,750 tokens of input, 5,200 more than it cost', () => {
    const golden = receiptOf(usageOf({ input: 50, output: 120, cacheWrite5m: 200, cacheRead: 1500 }));
    expect(uncachedOf(golden)).toEqual({ inputTokens: 1750, inputCharge: 7000n, outputCharge: 2400n, charge: 9400n, saved: 5200n });
    expect(golden.cacheSavedUsdMicros).toBe(5200);
  });

  test('is less where writes were never read', () => {
    expect(receiptOf(usageOf({ cacheWrite5m: 1000, cacheWrite1h: 1000 })).cacheSavedUsdMicros).toBe(-(1000 + 4000));
    expect(receiptOf(usageOf({ input: 10, output: 10 })).cacheSavedUsdMicros).toBe(0);
  });

  test('is the saving that settlements sum up, whatever the models, factors and fees', () => {
    const count = fc.nat({ max: 3_000_000 });
    const tokens = fc.record({ input: count, output: count, cacheWrite5m: count, cacheWrite1h: count, cacheRead: count });
    const part = fc.record({ model: fc.constantFrom('claude-opus-4-6', 'claude-haiku-4-5', 'unknown'), tokens });
    const usage = fc.record({
      parts: fc.array(part, { minLength: 1, maxLength: 4 }),
      webSearchRequests: fc.nat({ max: 5 }),
      inferenceGeo: fc.constantFrom(null, 'us'),
      serviceTier: fc.constantFrom(null, 'batch'),
    });
    fc.assert(
      fc.property(usage, (used) => {
        const receipt = receiptOf(used);
        expect(receipt.cacheSavedUsdMicros).toBe(Number(cacheSavedOf({ usage: used, card, requestedModel: opus })));
        expect(recomputeReceipt(receipt)).toMatchObject({ ok: true });
      }),
    );
  });

  test('is checked in a receipt that tells it, and not missed in one that does not', () => {
    const receipt = receiptOf(usageOf({ input: 50, cacheRead: 1500 }));
    expect(recomputeReceipt({ ...receipt, cacheSavedUsdMicros: 1 }).differences).toEqual([expect.stringContaining('saved by caching: the receipt says 1')]);
    expect(recomputeReceipt({ ...receipt, cacheSavedUsdMicros: undefined })).toMatchObject({ ok: true });
  });
});
