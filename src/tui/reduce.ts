/**
 * What every key and every result does to the view: pure, so that each can be tried without a terminal. What must happen
 * outside comes back as effects, in order.
 */
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import { keepCursor } from './list-cursor.ts';
import { reduceDetailKey, withBuyer } from './reduce-detail.ts';
import { afterAction, afterRotation, pasteIntoAmount, reduceDialogKey } from './reduce-dialog.ts';
import { pasteIntoFilter, reduceFilterKey } from './reduce-filter.ts';
import { pasteIntoHelp, reduceHelpKey } from './reduce-help.ts';
import { chooseSort, reduceListKey } from './reduce-list.ts';
import { reduceGlobalKey } from './reduce-global.ts';
import { reduceOwnView } from './reduce-own-view.ts';
import { reduced } from './reduced.ts';
import type { Reduced } from './reduced.ts';
import type { Surroundings, TuiEvent } from './tui-event.ts';
import type { Detail, ViewState } from './view-state.ts';

export function reduce(state: ViewState, event: TuiEvent, around: Surroundings): Reduced {
  switch (event.kind) {
    case 'key':
      return reduceKey(state, event.key, around);
    case 'paste':
      return reduced(paste(state, event.text));
    case 'read':
      return afterRead(state, event.before, around);
    case 'readFailed':
      return reduced({ ...state, problem: { message: event.message, since: state.problem?.since ?? around.snapshot?.at ?? around.now } });
    case 'buyerRead':
      return reduced(withBuyer(state, event));
    case 'requestRead': {
      const { detail } = state;
      if (detail?.kind !== 'request' || detail.requestId !== event.requestId) return reduced(state);
      return reduced({ ...state, detail: { ...detail, content: event.content } });
    }
    case 'acted':
      return reduced(afterAction(state, event.outcome));
    case 'rotated':
      return reduced(afterRotation(state, event.outcome, around.now));
  }
}

/** A request that still ran when its receipt was opened may have ended; a buyer's last requests have moved on. */
function afterRead(state: ViewState, before: LiveSnapshot | null, around: Surroundings): Reduced {
  const kept = keepCursor({ ...state, problem: null }, before, around.snapshot);
  const { detail } = kept;
  if (detail?.kind === 'buyer') return reduced(kept, { kind: 'readBuyer', buyerId: detail.buyerId });
  if (detail?.kind === 'request' && isOpenDetail(detail)) return reduced(kept, { kind: 'readRequest', requestId: detail.requestId });
  return reduced(kept);
}

const isOpenDetail = ({ content }: Extract<Detail, { kind: 'request' }>): boolean => content === null || content.receipt.length === 0;

function paste(state: ViewState, text: string): ViewState {
  if (state.busy) return state;
  if (state.dialog !== null) return pasteIntoAmount(state, text);
  if (state.help !== null) return pasteIntoHelp(state, text);
  return state.filtering ? pasteIntoFilter(state, text) : state;
}

/** Whoever takes Ctrl-C for "copy" must not lose a key by it: before it is said to be stored, only a second one leaves. */
function leave(state: ViewState): Reduced {
  const { dialog, notice } = state;
  if (dialog?.kind !== 'newKey' || dialog.stored || notice?.kind === 'problem') return reduced(state, { kind: 'quit' });
  return reduced({ ...state, notice: { kind: 'problem', text: 'This key is shown only once: c copies it, y says that it is stored. Ctrl-C again leaves without it.' } });
}

function reduceKey(before: ViewState, key: string, around: Surroundings): Reduced {
  // Not even Ctrl-C: what is being done may end in a key that is shown only once.
  if (before.busy) return reduced(before);
  if (key === 'ctrl-c') return leave(before);
  if (key === 'ctrl-z') return reduced(before, { kind: 'suspend' });
  if (key === 'ctrl-l') return reduced(before, { kind: 'redraw' });
  const state = before.notice === null ? before : { ...before, notice: null };
  if (state.dialog !== null) return reduceDialogKey(state, key, around);
  if (state.help !== null) return reduced(reduceHelpKey(state, key, around));
  if (state.filtering) return reduced(reduceFilterKey(state, key, around));
  if (state.choosingSort) return reduced(chooseSort(state, key));
  return reduceGlobalKey(state, key) ?? (state.detail === null ? (reduceOwnView(state, key, around) ?? reduceListKey(state, key, around)) : reduceDetailKey(state, key, around));
}
