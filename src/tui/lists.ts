/** The lists of all views: which rows each shows, in which order. Keys and drawing ask the same functions. */
import type { LiveBuyer, LiveKey, LiveRequest, LiveRoute, LiveSnapshot, LiveUpstream } from '../reports/live/snapshot.ts';
import { selected } from './list-model.ts';
import type { Column, ListModel } from './list-model.ts';
import type { Sort, View, ViewState } from './view-state.ts';
import { BUYERS, OVERVIEW_BUYERS } from './views/buyers.ts';
import { KEYS } from './views/keys.ts';
import { LIVE } from './views/live.ts';
import { ROUTES } from './views/routes.ts';
import { UPSTREAMS } from './views/upstreams.ts';

export interface SortColumn {
  readonly letter: string;
  readonly title: string;
  /** The order of the first press of its letter. */
  readonly descendingFirst: boolean;
}

/** The columns that a view can be sorted by, in the order of their drawing. */
export function columnsOf(view: View): SortColumn[] {
  const columns: readonly (Pick<Column<unknown>, 'letter' | 'title' | 'descendingFirst'> & { readonly sortsBy?: unknown })[] = modelOf(view).columns;
  return columns.filter(({ sortsBy }) => sortsBy !== undefined).map(({ letter, title, descendingFirst }) => ({ letter, title: title.trim(), descendingFirst }));
}

function modelOf(view: View): Pick<ListModel<never>, 'columns' | 'defaultSort'> {
  switch (view) {
    case 'overview':
      return OVERVIEW_BUYERS;
    case 'buyers':
      return BUYERS;
    case 'routes':
      return ROUTES;
    case 'keys':
      return KEYS;
    case 'live':
      return LIVE;
    case 'upstreams':
      return UPSTREAMS;
  }
}

/** What the list is sorted by now, be it by default; null where no column says it. */
export const sortOf = (view: View, state: ViewState): Sort | null => state.lists[view].sort ?? modelOf(view).defaultSort;

/** A row with what it shows: `id` stays the same for the same thing. */
export interface Row<Item> {
  readonly id: string;
  readonly item: Item;
}

function rowsOf<Item>(model: ListModel<Item>, snapshot: LiveSnapshot, state: ViewState): Row<Item>[] {
  const items = model.items(snapshot);
  return selected(model, items, state.lists[state.view]).map((item) => ({ id: model.idOf(item), item }));
}

export const buyerRows = (snapshot: LiveSnapshot, state: ViewState): Row<LiveBuyer>[] => rowsOf(state.view === 'overview' ? OVERVIEW_BUYERS : BUYERS, snapshot, state);
export const routeRows = (snapshot: LiveSnapshot, state: ViewState): Row<LiveRoute>[] => rowsOf(ROUTES, snapshot, state);
export const keyRows = (snapshot: LiveSnapshot, state: ViewState): Row<LiveKey>[] => rowsOf(KEYS, snapshot, state);
export const requestRows = (snapshot: LiveSnapshot, state: ViewState): Row<LiveRequest>[] => rowsOf(LIVE, snapshot, state).filter(({ item }) => !state.errorsOnly || item.failed);
export const upstreamRows = (snapshot: LiveSnapshot, state: ViewState): Row<LiveUpstream>[] => rowsOf(UPSTREAMS, snapshot, state);

/** The rows of the view that is open, filtered and sorted: what the cursor moves through. */
export function visibleItems(snapshot: LiveSnapshot, state: ViewState): Row<LiveBuyer | LiveRoute | LiveKey | LiveRequest | LiveUpstream>[] {
  switch (state.view) {
    case 'overview':
    case 'buyers':
      return buyerRows(snapshot, state);
    case 'routes':
      return routeRows(snapshot, state);
    case 'keys':
      return keyRows(snapshot, state);
    case 'live':
      return requestRows(snapshot, state);
    case 'upstreams':
      return upstreamRows(snapshot, state);
  }
}
