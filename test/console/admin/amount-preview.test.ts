import { describe, expect, test } from 'vitest';
import { previewAmount } from '../../../src/console/admin/buyers/amount-preview.ts';

const acme = { kind: 'topup', balanceUsdMicros: 112_400_000, availableUsdMicros: 100_000_000 } as const;

describe('what a typed amount would do to a balance', () => {
  test('shows the balance before and after, and keeps the amount exact', () => {
    expect(previewAmount({ ...acme, text: '100' })).toEqual({ kind: 'ready', amount: 100_000_000n, words: '112.40 → 212.40', belowZero: false });
  });

  test('nothing typed is no mistake', () => {
    expect(previewAmount({ ...acme, text: '  ' })).toEqual({ kind: 'empty' });
  });

  test('a seventh decimal is refused, not rounded', () => {
    expect(previewAmount({ ...acme, text: '1.0000001' })).toEqual({ kind: 'wrong', reason: '"1.0000001" has more than 6 decimals (USDC has 6)' });
  });

  test('a top-up must be above zero, an adjustment may take money back', () => {
    expect(previewAmount({ ...acme, text: '-5' }).kind).toBe('wrong');
    expect(previewAmount({ ...acme, text: '0.00' }).kind).toBe('wrong');
    expect(previewAmount({ ...acme, kind: 'adjust', text: '-2.40' })).toMatchObject({ words: '112.40 → 110.00', belowZero: false });
  });

  test('an amount below a cent shows all six decimals, so that the change is seen', () => {
    expect(previewAmount({ ...acme, text: '0.000001' })).toMatchObject({ words: '112.400000 → 112.400001' });
  });

  test('taking back more than is available is said, for holds are not to be spent', () => {
    expect(previewAmount({ ...acme, kind: 'adjust', text: '-100.000001' })).toMatchObject({ belowZero: true });
    expect(previewAmount({ ...acme, kind: 'adjust', text: '-100' })).toMatchObject({ belowZero: false });
  });
});
