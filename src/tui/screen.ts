/** What every part of a frame is drawn from, and the room that it has. */
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { Style } from './style.ts';
import type { ViewState } from './view-state.ts';

export interface Screen {
  /** Null before the first read. */
  readonly snapshot: LiveSnapshot | null;
  readonly state: ViewState;
  readonly width: number;
  /** Rows; a part may give fewer lines, never more. */
  readonly height: number;
  readonly style: Style;
}

/** Below this counts are written as `2.1k`. */
export const COMPACT_BELOW = 60;

/** The first item shown, so that the cursor stays in the middle where the list goes on in both directions. */
export function topFor(list: { readonly count: number; readonly cursor: number; readonly height: number }): number {
  const most = Math.max(0, list.count - list.height);
  return Math.min(most, Math.max(0, list.cursor - Math.floor(list.height / 2)));
}
