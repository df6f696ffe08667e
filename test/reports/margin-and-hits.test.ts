import { expect, test } from 'vitest';
import { micro } from '../../src/money.ts';
import { hitShare, marginOf, marginShare } from '../../src/reports/usage-json.ts';
import { NO_USAGE, type UsageSums } from '../../src/reports/usage-sums.ts';
import { tokenCounts } from '../support/live-snapshots.ts';

test('the hit share is reads of all that was sent', () => {
  expect(hitShare({ ...NO_USAGE, tokens: tokenCounts(10, 1_000, 20, 20, 50) })).toBe(0.5);
  expect(hitShare({ ...NO_USAGE, tokens: tokenCounts(0, 5, 0, 0, 0) })).toBeNull();
});

test('the margin is what the charge is above list prices, as a part of the charge', () => {
  const sums = (charge: number, listCost: number): UsageSums => ({ ...NO_USAGE, charge: micro(charge), listCost: micro(listCost) });
  expect(marginOf(sums(2_426_500, 1_819_900))).toBe(606_600n);
  expect(marginShare(sums(2_426_500, 1_819_900))).toBeCloseTo(0.249_99, 5);
  expect(marginOf(sums(100, 300))).toBe(-200n);
  expect(marginShare(sums(100, 300))).toBe(-2);
  expect(marginShare(NO_USAGE)).toBeNull();
});
