/** The five views that are one list: its rows, and a line that sums them up. */
import type { Line } from './line.ts';
import { BLANK, lineOf } from './line.ts';
import { emptyWords } from './empty-words.ts';
import { flowLines } from './flow.ts';
import type { ListModel } from './list-model.ts';
import { buyerRows, keyRows, requestRows, routeRows, sortOf, upstreamRows } from './lists.ts';
import type { Row } from './lists.ts';
import { COMPACT_BELOW, topFor } from './screen.ts';
import type { Screen } from './screen.ts';
import { drawTable } from './table.ts';
import type { View } from './view-state.ts';
import { BUYERS, buyersSummary } from './views/buyers.ts';
import { KEYS, keysSummary } from './views/keys.ts';
import { LIVE, liveSummary } from './views/live.ts';
import { ROUTES, routesSummary } from './views/routes.ts';
import { UPSTREAMS, upstreamsSummary } from './views/upstreams.ts';

export function drawListView(screen: Screen & { readonly view: Exclude<View, 'overview'> }): Line[] {
  const { snapshot, state, view } = screen;
  const listed = <Item>(model: ListModel<Item>, rows: readonly Row<Item>[] | null, summary: readonly Line[]): Line[] => drawWithSummary(screen, { model, rows, summary });
  switch (view) {
    case 'buyers':
      return listed(BUYERS, snapshot && buyerRows(snapshot, state), snapshot === null ? [] : buyersSummary(snapshot));
    case 'routes':
      return listed(ROUTES, snapshot && routeRows(snapshot, state), snapshot === null ? [] : routesSummary(snapshot));
    case 'keys':
      return listed(KEYS, snapshot && keyRows(snapshot, state), snapshot === null ? [] : keysSummary(snapshot));
    case 'live':
      return listed(LIVE, snapshot && requestRows(snapshot, state), snapshot === null ? [] : liveSummary(snapshot));
    case 'upstreams':
      return listed(UPSTREAMS, snapshot && upstreamRows(snapshot, state), snapshot === null ? [] : upstreamsSummary(snapshot));
  }
}

interface Listed<Item> {
  readonly model: ListModel<Item>;
  /** Null before the first read. */
  readonly rows: readonly Row<Item>[] | null;
  readonly summary: readonly Line[];
}

const SUMMARY_ROOM = 8;

function drawWithSummary<Item>(screen: Screen, { model, rows, summary }: Listed<Item>): Line[] {
  const summaryRows = screen.height >= SUMMARY_ROOM && rows !== null && rows.length > 0 ? 2 : 0;
  const tableRows = screen.height - summaryRows;
  const table = drawRows(screen, { model, rows, tableRows });
  if (summaryRows === 0) return table;
  const hidden = (rows?.length ?? 0) - (tableRows - 1);
  const [line] = flowLines(hidden > 0 ? [positionOf(screen, rows ?? [], tableRows - 1), ...summary] : summary, screen.width);
  return [...table, BLANK, line ?? BLANK];
}

const cursorOf = (screen: Screen, rows: readonly { readonly id: string }[]): number => {
  const { cursorId } = screen.state.lists[screen.state.view];
  return Math.max(0, rows.findIndex(({ id }) => id === cursorId));
};

/** `rows 1 to 30 of 300` */
function positionOf(screen: Screen, rows: readonly { readonly id: string }[], height: number): Line {
  const top = topFor({ count: rows.length, cursor: cursorOf(screen, rows), height });
  return lineOf(`rows ${top + 1} to ${Math.min(rows.length, top + height)} of ${rows.length}`);
}

/** The list of the open view: at most `tableRows` lines, the header included. */
export function drawRows<Item>(screen: Screen, { model, rows, tableRows }: Pick<Listed<Item>, 'model' | 'rows'> & { readonly tableRows: number }): Line[] {
  const { snapshot, state, width, style } = screen;
  const shown = rows ?? [];
  const cursor = cursorOf(screen, shown);
  const table = drawTable({
    columns: model.columns,
    items: shown.map(({ item }) => item),
    cursor,
    top: topFor({ count: shown.length, cursor, height: tableRows - 1 }),
    sort: sortOf(state.view, state),
    choosingSort: state.choosingSort,
    width,
    rows: tableRows,
    place: { style, now: snapshot?.at ?? 0, compact: width < COMPACT_BELOW },
  });
  return shown.length > 0 ? table : [...table, ...emptyWords(screen)].slice(0, Math.max(0, tableRows));
}
