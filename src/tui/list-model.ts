/** What a list of the view is: its columns, how each sorts, and the words that a row is found by. */
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { TokenClass } from '../tokens.ts';
import type { Line, Span } from './line.ts';
import type { Style } from './style.ts';

/** What a cell may depend on besides its item. */
export interface CellPlace {
  readonly style: Style;
  /** When the figures were read. */
  readonly now: number;
  /** Cells of the column; 0 while it is measured. */
  readonly width: number;
  /** Little room: counts as `2.1k`. */
  readonly compact: boolean;
}

export type Compared = string | number | bigint | null;

export interface Column<Item> {
  /** Typed after `s`. One character, unique among the columns of a view; capitals count. */
  readonly letter: string;
  /** Spaces at its end stand for what follows the figures, such as ` !`. */
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (item: Item, place: CellPlace) => string | Span | Line;
  /** What it sorts by; nulls come last in either direction. Absent: it cannot be sorted by. */
  readonly sortsBy?: (item: Item) => Compared;
  /** The order of the first press of its letter: figures most first, words from A. */
  readonly descendingFirst: boolean;
  /** The least important have the highest number: columns come in by it as long as they fit, those of one number together. */
  readonly drop: number;
  /** Its title is the mark of a class. */
  readonly titleInk?: TokenClass;
  /** At least so wide, so that columns stand still while figures change. */
  readonly least?: number;
  /** Words, cut to so many cells before another column has to go. */
  readonly shrinksTo?: number;
  /** Takes of what the others leave as many cells as this says, at least `least`. */
  readonly fills?: (room: number) => number;
}

export interface ListModel<Item> {
  readonly columns: readonly Column<Item>[];
  /** In the order of the snapshot. */
  readonly items: (snapshot: LiveSnapshot) => readonly Item[];
  /** The same for the same thing in every snapshot. */
  readonly idOf: (item: Item) => string;
  /** What the filter looks through. */
  readonly words: (item: Item) => readonly (string | null)[];
  /** The order when no column was chosen: less than 0 where `a` comes first. */
  readonly byDefault: (a: Item, b: Item) => number;
  /** The column that the default order is by, for its arrow; null where no column says it. */
  readonly defaultSort: { readonly column: string; readonly descending: boolean } | null;
}

/** Two values of a column, in ascending order, nulls last. */
export function compareValues(a: Compared, b: Compared): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true });
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The items with the words of the filter, in the chosen order; equal ones in the default order. */
export function selected<Item>(model: ListModel<Item>, items: readonly Item[], list: { readonly sort: { readonly column: string; readonly descending: boolean } | null; readonly filter: string }): Item[] {
  const wanted = list.filter.trim().toLowerCase();
  const found = wanted === '' ? [...items] : items.filter((item) => model.words(item).some((word) => word?.toLowerCase().includes(wanted) === true));
  found.sort(model.byDefault);
  const sortsBy = model.columns.find(({ letter }) => letter === list.sort?.column)?.sortsBy;
  if (sortsBy === undefined) return found;
  const direction = list.sort?.descending === true ? -1 : 1;
  return found.sort((a, b) => {
    const [left, right] = [sortsBy(a), sortsBy(b)];
    return left === null || right === null ? compareValues(left, right) : direction * compareValues(left, right);
  });
}
