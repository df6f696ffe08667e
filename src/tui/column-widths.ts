/** Which columns a width has room for, and how wide each is. Numbers keep their width; words give way. */
import type { Column } from './list-model.ts';

export const GAP = 2;

export interface Measured<Item> {
  readonly column: Column<Item>;
  /** Of its title and widest cell. */
  readonly natural: number;
}

export interface Placed<Item> {
  readonly column: Column<Item>;
  readonly width: number;
}

const widthOf = (widths: readonly number[]): number => widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1);
/** What a column needs at least: figures their width, words what they shrink to, a filling one its smallest size. */
const smallest = <Item>({ column, natural }: Measured<Item>): number =>
  column.fills !== undefined ? (column.least ?? 1) : Math.min(natural, column.shrinksTo ?? natural);

const whole = <Item>(measured: Measured<Item>): number => (measured.column.fills === undefined ? measured.natural : smallest(measured));

/** From this number on a column comes only where no words have to be cut for it. */
const EXTRA = 9;

/**
 * Takes the columns by their importance, those of one number together, as long as they fit with their words cut to what
 * they shrink to; then gives words and the filling column what is left. In the least room the first column alone, cut
 * where it is words.
 */
export function placeColumns<Item>(measured: readonly Measured<Item>[], width: number): Placed<Item>[] {
  let kept: Measured<Item>[] = [];
  for (const drop of [...new Set(measured.map(({ column }) => column.drop))].sort((a, b) => a - b)) {
    const more = measured.filter((each) => kept.includes(each) || each.column.drop === drop);
    const needed = drop < EXTRA ? smallest : whole;
    if (widthOf(more.map(needed)) <= width) kept = more;
  }
  if (kept.length > 0) return withRest(kept, width);
  const [first] = measured;
  return first?.column.shrinksTo === undefined || width < 1 ? [] : [{ column: first.column, width }];
}

function withRest<Item>(kept: readonly Measured<Item>[], width: number): Placed<Item>[] {
  const widths = kept.map(smallest);
  let rest = width - widthOf(widths);
  const grow = (wanted: (measured: Measured<Item>, room: number) => number): void =>
    kept.forEach((measured, index) => {
      const now = widths[index] ?? 0;
      const more = Math.max(0, Math.min(rest, wanted(measured, now + rest) - now));
      widths[index] = now + more;
      rest -= more;
    });
  grow(({ column, natural }) => (column.fills === undefined ? natural : 0));
  grow(({ column }, room) => column.fills?.(room) ?? 0);
  return kept.map(({ column }, index) => ({ column, width: widths[index] ?? 0 }));
}
