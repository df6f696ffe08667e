/** The keys that mean the same in every view. */
import { reduced } from './reduced.ts';
import type { Reduced } from './reduced.ts';
import { VIEWS } from './view-state.ts';
import type { View, ViewState } from './view-state.ts';

/** Milliseconds between two readings, as `+` and `-` step through them. */
export const INTERVALS_MS: readonly number[] = [200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000];

/** Null: the key is left to the view. */
export function reduceGlobalKey(state: ViewState, key: string): Reduced | null {
  if (/^[1-6]$/.test(key)) return reduced(openView(state, VIEWS[Number(key) - 1] as View));
  switch (key) {
    case 'q':
      return reduced(state, { kind: 'quit' });
    case '?':
      return reduced({ ...state, help: { query: '', scroll: 0 } });
    case 'tab':
      return reduced(openView(state, neighbour(state.view, 1)));
    case 'shiftTab':
      return reduced(openView(state, neighbour(state.view, -1)));
    case 'p':
      return reduced({ ...state, paused: !state.paused });
    case '+':
    case '=':
      return reduced({ ...state, intervalMs: INTERVALS_MS.find((ms) => ms > state.intervalMs) ?? state.intervalMs });
    case '-':
    case '_':
      return reduced({ ...state, intervalMs: INTERVALS_MS.findLast((ms) => ms < state.intervalMs) ?? state.intervalMs });
    default:
      return null;
  }
}

const neighbour = (view: View, step: 1 | -1): View => VIEWS[(VIEWS.indexOf(view) + step + VIEWS.length) % VIEWS.length] as View;

const openView = (state: ViewState, view: View): ViewState => ({ ...state, view, detail: null });
