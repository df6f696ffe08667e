/** Typing into the filter of a list. The rows follow each character. */
import { listOf, moveCursor, withList } from './list-cursor.ts';
import { eraseLast, typed, visibleText } from './typed-text.ts';
import type { Surroundings } from './tui-event.ts';
import type { ViewState } from './view-state.ts';

/** Longer than any name that there is. */
const FILTER_LENGTH_MAX = 64;

const filterBy = (state: ViewState, filter: string): ViewState => withList(state, { filter: Array.from(filter).slice(0, FILTER_LENGTH_MAX).join(''), top: 0 });

/** Enter keeps the filter, Esc clears it. */
export function reduceFilterKey(state: ViewState, key: string, { snapshot }: Surroundings): ViewState {
  const { filter } = listOf(state);
  switch (key) {
    case 'enter':
      return { ...state, filtering: false };
    case 'escape':
      return { ...filterBy(state, ''), filtering: false };
    case 'backspace':
      return filter === '' ? { ...state, filtering: false } : filterBy(state, eraseLast(filter));
    case 'ctrl-u':
      return filterBy(state, '');
    case 'up':
      return moveCursor(state, snapshot, -1);
    case 'down':
      return moveCursor(state, snapshot, 1);
    default:
      return filterBy(state, filter + typed(key));
  }
}

export const pasteIntoFilter = (state: ViewState, text: string): ViewState => filterBy(state, listOf(state).filter + visibleText(text));
