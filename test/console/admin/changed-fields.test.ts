import { expect, test } from 'vitest';
import { changedFields } from '../../../src/console/admin/audit/changed-fields.ts';

test('money is told in USDC with six decimals, exactly', () => {
  expect(changedFields({ before: { balanceUsdMicros: 112_400_000 }, after: { balanceUsdMicros: 212_400_001 } })).toEqual([{ field: 'balance, USDC', before: '112.400000', after: '212.400001' }]);
});

test('what stayed the same is left out, what came or went has one side', () => {
  expect(changedFields({ before: { name: 'acme', label: 'ci' }, after: { name: 'acme', holdOutputTokens: 8192 } })).toEqual([
    { field: 'label', before: 'ci', after: null },
    { field: 'hold output tokens', before: null, after: '8192' },
  ]);
});

test('lists are read as words, and prices by model and class in USDC', () => {
  const pricesPerMillionUsdMicros = { 'claude-haiku-4-5': { input: 1_000_000, cacheWrite5m: 1_250_000 } };
  expect(changedFields({ before: null, after: { buyers: ['acme', 'globex'], open: [], pricesPerMillionUsdMicros } })).toEqual([
    { field: 'buyers', before: null, after: 'acme, globex' },
    { field: 'open', before: null, after: 'none' },
    { field: 'prices per million, USDC', before: null, after: 'claude-haiku-4-5: input 1.000000, write 5m 1.250000' },
  ]);
});

test('nothing recorded is nothing changed', () => {
  expect(changedFields({ before: null, after: null })).toEqual([]);
});

test('moments are told in UTC and small objects field by field', () => {
  expect(changedFields({ before: { origin: { kind: 'multiplier', bookDate: '2026-11-01' } }, after: { expiresAt: '2026-11-27T01:53:23.259Z' } })).toEqual([
    { field: 'origin', before: 'kind multiplier, book date 2026-11-01', after: null },
    { field: 'expires at', before: null, after: '2026-11-27 01:53:23 UTC' },
  ]);
});
