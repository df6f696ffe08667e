/**
 * Exact sums of money before their one rounding. A cost counts in units of 1 / COST_UNIT micro-USDC, so that prices
 * per million, the geo factor 11/10 and half prices for batches all stay whole.
 */
import type { MicroUsdc } from '../money.ts';

/** Per million × tenths (geo) × halves (batch). */
export const COST_UNIT = 20_000_000n;

/** Tokens (or searches) at a price per million; `tenths` is 11 with the geo premium, `halves` is 1 for batches. */
export function costOf(count: number, perMillion: bigint, { tenths = 10n, halves = 2n }: { tenths?: bigint; halves?: bigint } = {}): bigint {
  return BigInt(count) * perMillion * tenths * halves;
}

/** The one rounding, up. */
export function roundUp(cost: bigint): MicroUsdc {
  return ((cost + COST_UNIT - 1n) / COST_UNIT) as MicroUsdc;
}

/**
 * Splits `total` among shares in proportion to their weights, by largest remainder, so that the parts add up to it
 * exactly. Ties go to the earlier share; a share of weight 0 gets 0. Weight `unit` stands for 1 of `total`; needs
 * floor-sum ≤ total ≤ floor-sum + number of shares with a remainder.
 */
export function apportion(weights: readonly bigint[], total: bigint, unit: { readonly numerator: bigint; readonly denominator: bigint }): bigint[] {
  const scaled = weights.map((weight) => weight * unit.numerator);
  const parts = scaled.map((weight) => weight / unit.denominator);
  let left = total - parts.reduce((sum, part) => sum + part, 0n);
  const order = scaled
    .map((weight, index) => ({ index, remainder: weight % unit.denominator }))
    .filter(({ remainder }) => remainder > 0n)
    .sort((a, b) => (a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1));
  for (const { index } of order) {
    if (left === 0n) break;
    parts[index] = (parts[index] as bigint) + 1n;
    left--;
  }
  if (left !== 0n) throw new RangeError(`${total} cannot be split by these weights`);
  return parts;
}
