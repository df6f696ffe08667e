import { bodyRows } from './frame.ts';
import type { Surroundings } from './tui-event.ts';
import type { ViewState } from './view-state.ts';

/** What stands around the lines that scroll: a title or header, and a sum or a blank line. */
const AROUND = 3;

/** How far a page key goes: a screenful less a line or so, by which the eye finds its place again. */
export const pageRows = (state: ViewState, around: Surroundings): number => Math.max(1, bodyRows({ ...around, state }) - AROUND);
