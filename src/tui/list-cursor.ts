/** The cursor of a list: it stays with its item, and moves to a neighbour when the item goes. */
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import { visibleItems } from './lists.ts';
import type { ListState, View, ViewState } from './view-state.ts';

export const listOf = (state: ViewState): ListState => state.lists[state.view];

export function withList(state: ViewState, change: Partial<ListState>, view: View = state.view): ViewState {
  return { ...state, lists: { ...state.lists, [view]: { ...state.lists[view], ...change } } };
}

/** The ids of the rows of the view, in the order in which they are shown. */
export function idsOf(state: ViewState, snapshot: LiveSnapshot | null): string[] {
  return snapshot === null ? [] : visibleItems(snapshot, state).map(({ id }) => id);
}

/** The id that the cursor is on; null: the list is empty. A cursor that was never moved is on the first row. */
export function currentId(state: ViewState, snapshot: LiveSnapshot | null): string | null {
  const ids = idsOf(state, snapshot);
  const { cursorId } = listOf(state);
  return cursorId !== null && ids.includes(cursorId) ? cursorId : (ids[0] ?? null);
}

/** Moves the cursor by rows; ±Infinity: to an end. The first row of a list that was never moved in is where new rows come. */
export function moveCursor(state: ViewState, snapshot: LiveSnapshot | null, by: number): ViewState {
  const ids = idsOf(state, snapshot);
  const at = Math.max(0, ids.indexOf(listOf(state).cursorId ?? ''));
  const to = Math.min(Math.max(at + by, 0), ids.length - 1);
  return withList(state, { cursorId: by === -Infinity ? null : (ids[to] ?? null) });
}

/** Puts a cursor whose item is gone onto the row that took its place. */
export function keepCursor(state: ViewState, before: LiveSnapshot | null, now: LiveSnapshot | null): ViewState {
  const { cursorId } = listOf(state);
  if (cursorId === null || before === null || now === null) return state;
  const ids = idsOf(state, now);
  if (ids.includes(cursorId)) return state;
  const was = idsOf(state, before).indexOf(cursorId);
  return withList(state, { cursorId: ids[Math.min(Math.max(was, 0), ids.length - 1)] ?? null });
}
