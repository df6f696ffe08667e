import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chargeFor } from '../../src/metering/price.ts';
import { buildReceipt, recomputeReceipt, type ReceiptDocument } from '../../src/metering/receipt.ts';
import { micro, type MicroUsdc } from '../../src/money.ts';
import { NO_TOKENS, type Usage } from '../../src/tokens.ts';
import { cardAt, modelOf } from './cards.ts';

const card = cardAt('0.8', 12);
const opus = modelOf(card, 'claude-opus-4-6');
const golden: Usage = {
  parts: [{ model: 'claude-opus-4-6', tokens: { input: 50, output: 120, cacheWrite5m: 200, cacheWrite1h: 0, cacheRead: 1500 } }],
  webSearchRequests: 0,
  inferenceGeo: null,
  serviceTier: 'standard',
};

function receiptOf(usage: Usage, more: { charged?: MicroUsdc; usageSource?: string } = {}): ReceiptDocument {
  const charged = more.charged ?? chargeFor({ usage, card, requestedModel: opus }).total;
  return buildReceipt({ request: { requestId: 'req_1' }, card, requestedModel: opus, usage, usageSource: more.usageSource ?? 'reported', quoteBasis: 'bytes', flags: [], charged });
}
/** As somebody who has only the file sees it. */
const reread = (document: ReceiptDocument): ReceiptDocument => JSON.parse(JSON.stringify(document)) as ReceiptDocument;

describe('a receipt', () => {
  test('of the golden case holds all that gives 4200, and is recomputed from its JSON alone', () => {
    const document = receiptOf(golden);
    expect(document).toMatchObject({
      priceCard: 'pc_12',
      chargeUsdMicros: 4200,
      chargeByClassUsdMicros: { input: 200, output: 2400, cacheWrite5m: 1000, cacheWrite1h: 0, cacheRead: 600 },
      cappedAtUsdMicros: null,
      parts: [{ pricedAs: 'claude-opus-4-6', geoFactor: '1', unitPricesUsdMicrosPerMillion: { input: 4_000_000, output: 20_000_000, cacheWrite5m: 5_000_000, cacheWrite1h: 8_000_000, cacheRead: 400_000 } }],
    });
    expect(recomputeReceipt(reread(document))).toMatchObject({ ok: true, total: 4200n, differences: [] });
  });

  test('with anything changed is found out, with both numbers', () => {
    const tampered: ((document: ReceiptDocument) => ReceiptDocument)[] = [
      (d) => ({ ...d, chargeUsdMicros: 4199 }),
      (d) => ({ ...d, chargeByClassUsdMicros: { ...d.chargeByClassUsdMicros, input: 199 } }),
      (d) => ({ ...d, webSearchChargeUsdMicros: 1 }),
      (d) => ({ ...d, tierFactor: '0.5' }),
      (d) => ({ ...d, webSearchRequests: 1 }),
      (d) => ({ ...d, parts: d.parts.map((part) => ({ ...part, geoFactor: '1.1' as const })) }),
      (d) => ({ ...d, parts: d.parts.map((part) => ({ ...part, tokens: { ...part.tokens, output: 121 } })) }),
      (d) => ({ ...d, parts: [] }),
      (d) => ({ ...d, cappedAtUsdMicros: 4000 }),
    ];
    for (const tamper of tampered) {
      const check = recomputeReceipt(reread(tamper(receiptOf(golden))));
      expect(check.ok).toBe(false);
      expect(check.differences[0]).toMatch(/the receipt says \d+, the computation gives \d+ micro-USDC/);
    }
  });

  test('of an estimate charged at its hold shows the cap and adds up', () => {
    const document = receiptOf(golden, { charged: micro(1000), usageSource: 'estimated' });
    expect(document.cappedAtUsdMicros).toBe(1000);
    expect(Object.values(document.chargeByClassUsdMicros).reduce((a, b) => a + b)).toBe(1000);
    expect(recomputeReceipt(reread(document)).ok).toBe(true);
  });

  test('of a reported usage charged otherwise than computed does not pass', () => {
    expect(recomputeReceipt(receiptOf(golden, { charged: micro(4100) })).differences).toEqual(['total charge: the receipt says 4100, the computation gives 4200 micro-USDC']);
  });

  test('of nothing is a receipt of 0', () => {
    const usage = { ...golden, parts: [{ model: 'claude-opus-4-6', tokens: NO_TOKENS }] };
    expect(recomputeReceipt(reread(receiptOf(usage, { usageSource: 'none' })))).toMatchObject({ ok: true, total: 0n });
  });

  test('of any usage is recomputed to what was charged', () => {
    const counts = fc.record({ input: fc.nat(1e6), output: fc.nat(1e5), cacheWrite5m: fc.nat(1e6), cacheWrite1h: fc.nat(1e6), cacheRead: fc.nat(1e6) });
    const part = fc.record({ model: fc.constantFrom('claude-opus-4-6', 'claude-haiku-4-5', 'claude-elsewhere'), tokens: counts });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), fc.constantFrom('us', null), fc.constantFrom('batch', null), fc.nat(20), fc.option(fc.nat(1000)), (parts, inferenceGeo, serviceTier, webSearchRequests, cap) => {
        const usage = { parts, inferenceGeo, serviceTier, webSearchRequests };
        const charge = chargeFor({ usage, card, requestedModel: opus, ...(cap === null ? {} : { capAt: micro(cap) }) });
        const check = recomputeReceipt(reread(receiptOf(usage, { charged: charge.total, usageSource: cap === null ? 'reported' : 'estimated' })));
        expect(check).toEqual({ ok: true, total: charge.total, byClass: charge.byClass, differences: [] });
      }),
    );
  });
});
