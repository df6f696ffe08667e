import type { Effect } from './tui-event.ts';
import type { ViewState } from './view-state.ts';

/** The view after an event, and what must happen outside for it, in order. */
export interface Reduced {
  readonly state: ViewState;
  readonly effects: readonly Effect[];
}

export const reduced = (state: ViewState, ...effects: Effect[]): Reduced => ({ state, effects });
