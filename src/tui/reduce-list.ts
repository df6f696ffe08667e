/** The keys of a list: moving, opening, sorting, filtering. */
import { parseBuyerId, parseKeyId, parseRequestId } from '../ids.ts';
import type { BuyerId, RequestId } from '../ids.ts';
import { currentId, moveCursor, withList } from './list-cursor.ts';
import { columnsOf, sortOf } from './lists.ts';
import { pageRows } from './page-rows.ts';
import { reduced } from './reduced.ts';
import type { Reduced } from './reduced.ts';
import type { Surroundings } from './tui-event.ts';
import type { Detail, View, ViewState } from './view-state.ts';

export function reduceListKey(state: ViewState, key: string, around: Surroundings): Reduced {
  const move = (by: number): Reduced => reduced(moveCursor(state, around.snapshot, by));
  const page = pageRows(state, around);
  switch (key) {
    case 'up':
    case 'k':
      return move(-1);
    case 'down':
    case 'j':
      return move(1);
    case 'pageUp':
      return move(-page);
    case 'pageDown':
      return move(page);
    case 'home':
    case 'g':
      return move(-Infinity);
    case 'end':
    case 'G':
      return move(Infinity);
    case 'enter':
      return openCurrent(state, around);
    case 'escape':
      return reduced(withList(state, { filter: '' }));
    case '/':
      return reduced({ ...state, filtering: true });
    case 's':
      return reduced({ ...state, choosingSort: true });
    default:
      return reduced(state);
  }
}

/** The next key after `s`: a column's letter, again to turn the order round. Any other key leaves it as it is. */
export function chooseSort(state: ViewState, key: string): ViewState {
  const chosen = { ...state, choosingSort: false };
  const column = columnsOf(state.view).find(({ letter }) => letter === key);
  if (column === undefined) return chosen;
  const sort = sortOf(state.view, state);
  const descending = sort?.column === column.letter ? !sort.descending : column.descendingFirst;
  return withList(chosen, { sort: { column: column.letter, descending } });
}

export const openBuyer = (state: ViewState, buyerId: BuyerId): Reduced =>
  reduced({ ...state, detail: { kind: 'buyer', buyerId, content: null, cursor: 0, top: 0 } }, { kind: 'readBuyer', buyerId });

export const openRequest = (state: ViewState, requestId: RequestId, from: Detail | null): Reduced =>
  reduced({ ...state, detail: { kind: 'request', requestId, shows: 'receipt', content: null, scroll: 0, from } }, { kind: 'readRequest', requestId });

/** Another view with only the rows that have these words. */
export const openFiltered = (state: ViewState, view: View, filter: string): ViewState => withList({ ...state, view, detail: null }, { filter, cursorId: null, top: 0 }, view);

function openCurrent(state: ViewState, { snapshot }: Surroundings): Reduced {
  const id = currentId(state, snapshot);
  if (id === null || snapshot === null) return reduced(state);
  switch (state.view) {
    case 'overview':
    case 'buyers': {
      const buyerId = parseBuyerId(id);
      return buyerId === null ? reduced(state) : openBuyer(state, buyerId);
    }
    case 'keys': {
      const keyId = parseKeyId(id);
      const key = snapshot.keys.find((one) => one.keyId === keyId);
      return key === undefined ? reduced(state) : openBuyer(state, key.buyerId);
    }
    case 'live': {
      const requestId = parseRequestId(id);
      return requestId === null ? reduced(state) : openRequest(state, requestId, null);
    }
    case 'routes': {
      // A row of the routes is an alias and a model; an alias has none of the characters that could divide them.
      const alias = /^[a-z0-9-]+/.exec(id)?.[0] ?? '';
      return reduced(openFiltered(state, 'live', alias));
    }
    case 'upstreams':
      return reduced(openFiltered(state, 'routes', id));
  }
}
