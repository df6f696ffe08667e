/** A view without a terminal: keys and results go in, state and effects come out. */
import type { LiveSnapshot } from '../../src/reports/live/snapshot.ts';
import { initialState } from '../../src/tui/initial-state.ts';
import { reduce } from '../../src/tui/reduce.ts';
import type { Effect, TuiEvent } from '../../src/tui/tui-event.ts';
import type { View, ViewState } from '../../src/tui/view-state.ts';
import { busySnapshot, SNAPSHOT_AT } from '../support/live-snapshots.ts';

export interface Looking {
  state: ViewState;
  effects: Effect[];
  snapshot: LiveSnapshot;
  random: number;
}

export const look = (view: View, snapshot = busySnapshot()): Looking => ({ state: initialState({ view, intervalMs: 500 }), effects: [], snapshot, random: 0 });

export function send(at: Looking, event: TuiEvent): Looking {
  const { state, effects } = reduce(at.state, event, { snapshot: at.snapshot, columns: 80, rows: 24, now: SNAPSHOT_AT, random: `r${++at.random}` });
  at.state = state;
  at.effects = [...effects];
  return at;
}

/** Presses keys one after the other: words apart are keys of their own, `'amount'` in quotes is typed. */
export function press(at: Looking, keys: string): Looking {
  for (const word of keys.split(' ')) {
    const typed = /^'(.*)'$/.exec(word)?.[1];
    for (const key of typed === undefined ? [word] : Array.from(typed)) send(at, { kind: 'key', key });
  }
  return at;
}
