/** A list drawn as rows: header, cursor, as many columns as the width has room for. */
import { cellWidth, shortened } from './cell-width.ts';
import { GAP, placeColumns } from './column-widths.ts';
import type { Placed } from './column-widths.ts';
import type { Line, Span } from './line.ts';
import { filled, inked, lineWidth, span } from './line.ts';
import type { CellPlace, Column } from './list-model.ts';
import type { Sort } from './view-state.ts';

export interface Table<Item> {
  readonly columns: readonly Column<Item>[];
  readonly items: readonly Item[];
  /** Index of the row under the cursor; null: none. */
  readonly cursor: number | null;
  /** First item shown. */
  readonly top: number;
  readonly sort: Sort | null;
  /** Underlines the letters that choose a column. */
  readonly choosingSort: boolean;
  readonly width: number;
  /** Rows, the header included. */
  readonly rows: number;
  readonly place: Omit<CellPlace, 'width'>;
  /** The first cells of a row that the cursor is not on; two spaces by default. */
  readonly mark?: (item: Item) => Span;
}

/** Cells before the first column: the cursor, and one at the end that stays free. */
const MARGIN = 2;

/** At most `rows` lines: the header, then the items from `top` on. */
export function drawTable<Item>(table: Table<Item>): Line[] {
  const placed = placeColumns(measure(table), table.width - MARGIN - 1);
  const shown = table.items.slice(table.top, table.top + Math.max(0, table.rows - 1));
  const lines = shown.map((item, index) => row(table, placed, { item, current: table.cursor === table.top + index }));
  return [header(table, placed), ...lines].slice(0, Math.max(0, table.rows));
}

function measure<Item>({ columns, items, place }: Table<Item>): { column: Column<Item>; natural: number }[] {
  return columns.map((column) => {
    const title = cellWidth(column.title);
    if (column.fills !== undefined) return { column, natural: title };
    const cells = items.map((item) => lineWidth(content(column, item, { ...place, width: 0 })));
    return { column, natural: cells.reduce((most, width) => Math.max(most, width), Math.max(title, column.least ?? 0)) };
  });
}

function content<Item>(column: Column<Item>, item: Item, place: CellPlace): Line {
  const cell = column.cell(item, place);
  if (typeof cell === 'string') return [span(cell)];
  return 'text' in cell ? [cell] : cell;
}

function row<Item>(table: Table<Item>, placed: readonly Placed<Item>[], { item, current }: { item: Item; current: boolean }): Line {
  const spans: Span[] = [current ? span('> ', 'strong') : (table.mark?.(item) ?? span('  '))];
  placed.forEach(({ column, width }, index) => {
    if (index > 0) spans.push(span(' '.repeat(GAP)));
    const line = content(column, item, { ...table.place, width });
    spans.push(...(column.align === 'right' ? [span(' '.repeat(Math.max(0, width - lineWidth(line)))), ...line] : filled(cutWords(line, width), width)));
  });
  return current ? inked(spans, 'strong') : spans;
}

/** Only words are ever wider than their column. */
function cutWords(line: Line, width: number): Line {
  const [only] = line;
  return lineWidth(line) > width && line.length === 1 && only !== undefined ? [span(shortened(only.text, width), only.ink)] : line;
}

/** Titles stand over the edge that their cells share; the arrow of the sorted one takes the first cell after it. */
function header<Item>(table: Table<Item>, placed: readonly Placed<Item>[]): Line {
  const spans: Span[] = [span(' '.repeat(MARGIN))];
  let ahead = 0;
  placed.forEach(({ column, width }, index) => {
    if (index > 0) spans.push(span(' '.repeat(GAP - ahead)));
    const words = column.title.trimEnd();
    const title = shortened(words, width);
    const arrow = table.sort?.column === column.letter ? [span(table.sort.descending ? '▼' : '▲', 'sorted')] : [];
    const space = Math.max(0, width - cellWidth(title));
    const after = column.align === 'right' ? Math.min(space, column.title.length - words.length) : space;
    ahead = arrow.length > after ? 1 : 0;
    spans.push(span(' '.repeat(space - after)), ...titleSpans(table, column, title), ...arrow, span(' '.repeat(Math.max(0, after - arrow.length))));
  });
  return spans;
}

function titleSpans<Item>({ sort, choosingSort }: Table<Item>, column: Column<Item>, title: string): Span[] {
  const ink = sort?.column === column.letter ? 'sorted' : (column.titleInk ?? 'faint');
  const at = choosingSort && column.sortsBy !== undefined ? title.indexOf(column.letter) : -1;
  if (at < 0) return [span(title, ink)];
  return [span(title.slice(0, at), ink), span(column.letter, ink === 'sorted' ? 'sortedLetter' : 'letter'), span(title.slice(at + 1), ink)];
}
