/**
 * Exact sums of money before their one rounding. A cost counts in units of 1 / COST_UNIT micro-USDC, so that prices
 * per million, the geo factor 11/10 and half prices for batches all stay whole.
 */
import type { MicroUsdc } from '../money.ts';

/** Per million × tenths (geo) × halves (batch). */
export const COST_UNIT = 20_000_000n;

/** Tokens (or searches) at a price per million; `tenths` is 11 with the geo premium, `halves` is 1 for batches. */
export function costOf(count: number, perMillion: bigint, { tenths = 10n, halves = 2n }: { tenths?: bigint; halves?: bigint } = {}): bigint {
  return BigInt(count) * perMillion * (tenths * halves);
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
  const parts: bigint[] = [];
  const remainders: bigint[] = [];
  let left = total;
  for (const weight of weights) {
    const scaled = weight === 0n || unit.numerator === 1n ? weight : weight * unit.numerator;
    const part = scaled === 0n ? 0n : scaled / unit.denominator;
    parts.push(part);
    remainders.push(scaled === 0n ? 0n : scaled - part * unit.denominator);
    left -= part;
  }
  // There are few shares and fewer micros left over, so that looking for the largest each time costs less than sorting.
  for (; left > 0n; left--) {
    let largest = 0;
    for (let i = 1; i < remainders.length; i++) if ((remainders[i] as bigint) > (remainders[largest] as bigint)) largest = i;
    if ((remainders[largest] ?? 0n) === 0n) break;
    parts[largest] = (parts[largest] as bigint) + 1n;
    remainders[largest] = 0n;
  }
  if (left !== 0n) throw new RangeError(`${total} cannot be split by these weights`);
  return parts;
}
