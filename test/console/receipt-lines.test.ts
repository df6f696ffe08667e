import { expect, test } from 'vitest';
import type { Receipt } from '../../src/api/schemas/usage.ts';
import { receiptLines } from '../../src/console/receipt-lines.ts';

const RECEIPT: Receipt = {
  receipt: 'ainogap-receipt-1',
  priceCard: 'pc_1',
  quoteBasis: 'bytes',
  parts: [
    {
      model: 'claude-sonnet-5-5',
      pricedAs: 'claude-sonnet-5-5',
      tokens: { input: 9, output: 120, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 2_257 },
      unitPricesUsdMicrosPerMillion: { input: 3_000_000, output: 15_000_000, cacheWrite5m: 3_750_000, cacheWrite1h: 6_000_000, cacheRead: 300_000 },
      geoFactor: '1',
    },
  ],
  tierFactor: '1',
  webSearchRequests: 0,
  webSearchUsdMicrosPerMillion: 10_000_000_000,
  cappedAtUsdMicros: null,
  chargeByClassUsdMicros: { input: 27, output: 1_800, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 678 },
  webSearchChargeUsdMicros: 0,
  chargeUsdMicros: 2_505,
};

test('each line is the exact product, and their sum rounds up to the charge', () => {
  const { parts, sum, roundedUsdMicros, webSearch } = receiptLines(RECEIPT);
  expect(parts[0]?.lines.map(({ product }) => product)).toEqual(['0.000027', '0.001800', '0.000000', '0.000000', '0.0006771']);
  expect([sum, roundedUsdMicros, webSearch]).toEqual(['0.0025041', RECEIPT.chargeUsdMicros, null]);
});

test('factors multiply the token classes, and the tier alone the searches', () => {
  const part = { ...(RECEIPT.parts[0] as Receipt['parts'][number]), geoFactor: '1.1' as const };
  const { parts, webSearch, roundedUsdMicros } = receiptLines({ ...RECEIPT, parts: [part], tierFactor: '0.5', webSearchRequests: 3 });
  expect(parts[0]?.factors).toEqual(['1.1', '0.5']);
  expect(parts[0]?.lines[1]?.product).toBe('0.000990');
  expect(webSearch?.product).toBe('0.015000');
  // (2,504.1 × 1.1 + 30,000) ÷ 2 = 16,377.255 micro-USDC
  expect(roundedUsdMicros).toBe(16_378);
});

test('counts beyond what a float multiplies exactly stay exact', () => {
  const part = { ...(RECEIPT.parts[0] as Receipt['parts'][number]), tokens: { input: 999_999_999_999, output: 0, cacheWrite5m: 0, cacheWrite1h: 0, cacheRead: 0 } };
  expect(receiptLines({ ...RECEIPT, parts: [part] }).sum).toBe('2999999.999997');
});
