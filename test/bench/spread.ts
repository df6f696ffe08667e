/** Medians with their range: a single run on a shared machine says little, and the range says how little. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}

/** Of sorted values, by the nearest rank, except that a median between two values is their mean. */
export function quantile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return NaN;
  const rank = share * sorted.length;
  if (share === 0.5 && Number.isInteger(rank)) return (sorted[rank - 1]! + sorted[rank]!) / 2;
  return sorted[Math.min(sorted.length, Math.ceil(rank)) - 1]!;
}

/**
 * Between which values the median of what was drawn lies, at least 95 times in 100, whatever the distribution: the order
 * statistics that a fair coin's counts bound. Fewer than six values do not tell so much: then it is their whole range.
 */
export function medianWithin(values: readonly number[]): { readonly low: number; readonly high: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const n = sorted.length;
  let tail = 0;
  let ways = 1;
  let rank = 0;
  for (let k = 0; k < n / 2; k++) {
    tail += ways / 2 ** n;
    if (tail > 0.025) break;
    rank = k;
    ways = (ways * (n - k)) / (k + 1);
  }
  return { low: sorted[rank] ?? NaN, high: sorted[n - 1 - rank] ?? NaN };
}
