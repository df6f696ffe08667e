/** Series as rows of small bars. */
import type { Style } from './style.ts';

const STEPS = 8;

/** Money as its share of the largest, for drawing alone. */
export function sharesOf(amounts: readonly bigint[]): number[] {
  const most = amounts.reduce((max, amount) => (amount > max ? amount : max), 0n);
  return most === 0n ? amounts.map(() => 0) : amounts.map((amount) => Number((amount * 1_000_000n) / most));
}

/** How many of `room` cells a series of `values` takes, so that every bar stands for as many values. */
export function sparkCells(room: number, values: number): number {
  if (room >= values) return Math.floor(room / values) * values;
  return room < 1 ? 0 : Math.floor(values / Math.ceil(values / room));
}

interface Spark {
  readonly cells: number;
  /** The number of the newest value's time slot: by it values are grouped, so that bars stay the same as time goes on. */
  readonly slot: number;
}

/**
 * A bar per cell, the highest value full, nothing as nothing. With more values than cells each bar is the mean of a few;
 * with twice as many cells each bar is two wide. As many cells as `sparkCells` says.
 */
export function sparkLine(values: readonly number[], { cells, slot }: Spark, style: Style): string {
  const taken = sparkCells(cells, values.length);
  if (taken < 1) return '';
  if (taken >= values.length) return bars(values, style).map((bar) => bar.repeat(taken / values.length)).join('');
  return bars(means(values, Math.ceil(values.length / cells), slot).slice(-taken), style).join('');
}

function means(values: readonly number[], per: number, slot: number): number[] {
  const groups = new Map<number, { sum: number; count: number }>();
  values.forEach((value, index) => {
    const group = Math.floor((slot - (values.length - 1 - index)) / per);
    const known = groups.get(group) ?? { sum: 0, count: 0 };
    groups.set(group, { sum: known.sum + value, count: known.count + 1 });
  });
  return [...groups.values()].map(({ sum, count }) => sum / count);
}

function bars(values: readonly number[], style: Style): string[] {
  const most = Math.max(...values);
  return values.map((value) => style.sparks[value <= 0 || most <= 0 ? 0 : Math.max(1, Math.round((value / most) * STEPS))] ?? ' ');
}
