/** What each class costs of the whole, as one bar. */
import { TOKEN_CLASSES } from '../tokens.ts';
import type { PerClass } from '../reports/live/snapshot.ts';
import type { Line } from './line.ts';
import { lineOf, span } from './line.ts';
import type { Style } from './style.ts';

/**
 * Exactly `width` cells in the order of the classes; a class that costs anything has at least one. Empty when nothing
 * was charged.
 */
export function stackedBar(charges: PerClass<bigint>, width: number, style: Style): Line {
  const cells = shareOut(TOKEN_CLASSES.map((tokenClass) => charges[tokenClass]), width);
  if (cells.every((count) => count === 0)) return lineOf(style.unicode ? '·'.repeat(width) : '.'.repeat(width), 'faint');
  return TOKEN_CLASSES.map((tokenClass, index) => span(style.bar(tokenClass).repeat(cells[index] ?? 0), tokenClass));
}

/** Shares out `width` by largest remainder, one cell for each that is above zero first. */
function shareOut(amounts: readonly bigint[], width: number): number[] {
  const positive = amounts.map((amount) => (amount > 0n ? amount : 0n));
  const total = positive.reduce((sum, amount) => sum + amount, 0n);
  const some = positive.filter((amount) => amount > 0n).length;
  if (total === 0n || width < some) return amounts.map(() => 0);
  const room = BigInt(width - some);
  const cells = positive.map((amount) => (amount > 0n ? 1 : 0) + Number((amount * room) / total));
  const byRemainder = positive.map((amount, index) => ({ index, rest: (amount * room) % total })).sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest > b.rest ? -1 : 1));
  let left = width - cells.reduce((sum, count) => sum + count, 0);
  for (const { index } of byRemainder) {
    if (left === 0) break;
    cells[index] = (cells[index] ?? 0) + 1;
    left--;
  }
  return cells;
}
