import type { ListState, View, ViewState } from './view-state.ts';

const LIST: ListState = { cursorId: null, top: 0, sort: null, filter: '' };

/** What is looked at before the first key: the list of `view`, unsorted and unfiltered. */
export function initialState(start: { readonly view: View; readonly intervalMs: number }): ViewState {
  return {
    view: start.view,
    lists: { overview: LIST, buyers: LIST, routes: LIST, keys: LIST, live: LIST, upstreams: LIST },
    filtering: false,
    choosingSort: false,
    paused: false,
    intervalMs: start.intervalMs,
    errorsOnly: false,
    help: null,
    detail: null,
    dialog: null,
    busy: false,
    notice: null,
    problem: null,
  };
}
