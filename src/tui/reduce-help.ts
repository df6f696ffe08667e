/** The help: what is typed searches it. */
import { scrollMost } from './frame.ts';
import { pageRows } from './page-rows.ts';
import { eraseLast, typed, visibleText } from './typed-text.ts';
import type { Surroundings } from './tui-event.ts';
import type { ViewState } from './view-state.ts';

const QUERY_LENGTH_MAX = 64;

export function reduceHelpKey(state: ViewState, key: string, around: Surroundings): ViewState {
  const { help } = state;
  if (help === null) return state;
  const page = pageRows(state, around);
  const most = scrollMost({ ...around, state });
  const scrollBy = (by: number): ViewState => ({ ...state, help: { ...help, scroll: Math.min(Math.max(0, help.scroll + by), most) } });
  switch (key) {
    case 'escape':
    case 'enter':
      return { ...state, help: null };
    case 'up':
      return scrollBy(-1);
    case 'down':
      return scrollBy(1);
    case 'pageUp':
      return scrollBy(-page);
    case 'pageDown':
      return scrollBy(page);
    case 'home':
      return scrollBy(-Infinity);
    case 'end':
      return scrollBy(Infinity);
    case 'backspace':
      return search(state, eraseLast(help.query));
    case 'ctrl-u':
      return search(state, '');
    case '?':
      return { ...state, help: null };
    default:
      return search(state, help.query + typed(key));
  }
}

function search(state: ViewState, query: string): ViewState {
  return state.help === null || query === state.help.query ? state : { ...state, help: { query: Array.from(query).slice(0, QUERY_LENGTH_MAX).join(''), scroll: 0 } };
}

export const pasteIntoHelp = (state: ViewState, text: string): ViewState => search(state, (state.help?.query ?? '') + visibleText(text));
