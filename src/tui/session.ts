/** A running view: reads at its interval, applies keys and results in order, and does what they ask for. */
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { Operator } from './operator.ts';
import { performAction, readBuyer, readRequest } from './perform.ts';
import { reduce } from './reduce.ts';
import type { Action, Effect, TuiEvent } from './tui-event.ts';
import type { ViewState } from './view-state.ts';

/** What a session asks of the terminal that it is shown in. */
export interface Terminal {
  quit(): void;
  /** Gives the terminal back to the shell until the process is continued. */
  suspend(): void;
  redraw(): void;
  copy(text: string): void;
}

export interface SessionOptions {
  readonly operator: Operator;
  readonly initial: ViewState;
  /** Unix milliseconds. */
  readonly now: () => number;
  /** Never the same twice. */
  readonly random: () => string;
}

export interface Session {
  state(): ViewState;
  snapshot(): LiveSnapshot | null;
  dispatch(event: TuiEvent): void;
  setSize(size: { readonly columns: number; readonly rows: number }): void;
  /** Calls back after every change. Returns what ends it. */
  readonly subscribe: (listener: () => void) => () => void;
  /** Begins to read. Returns what ends it. */
  start(terminal: Terminal): () => void;
}

/** Enough for the event loop to read what lies in the terminal's buffer. */
const TYPED_MEANWHILE_MS = 30;

export function createSession({ operator, initial, now, random }: SessionOptions): Session {
  let state = initial;
  let snapshot: LiveSnapshot | null = null;
  let size = { columns: 80, rows: 24 };
  let terminal: Terminal | null = null;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const listeners = new Set<() => void>();

  const dispatch = (event: TuiEvent): void => {
    // Keys that were typed after the one that left the view are no keys of ours.
    if (ended) return;
    const before = state;
    const { state: after, effects } = reduce(before, event, { snapshot, ...size, now: now(), random: random() });
    state = after;
    for (const listener of listeners) listener();
    if (after.paused !== before.paused || after.intervalMs !== before.intervalMs) reschedule(before.paused && !after.paused);
    for (const effect of effects) run(effect);
  };

  const read = (): void => {
    const before = snapshot;
    try {
      snapshot = operator.read();
    } catch (error) {
      return dispatch({ kind: 'readFailed', message: error instanceof Error ? error.message : String(error) });
    }
    dispatch({ kind: 'read', before });
  };

  const reschedule = (atOnce: boolean): void => {
    clearTimeout(timer);
    if (terminal === null || state.paused) return;
    timer = setTimeout(tick, atOnce ? 0 : state.intervalMs);
  };

  const tick = (): void => {
    read();
    reschedule(false);
  };

  /**
   * In a turn of its own, so that the dialog says so before a busy database can keep everything waiting. Its outcome
   * waits until what was typed meanwhile has been read, and dropped: it was not meant for what comes next.
   */
  const actSoon = (action: Action): void => {
    setTimeout(() => {
      // The view was left in between: a new key would be shown to nobody.
      if (ended) return;
      const outcome = performAction(operator, action);
      setTimeout(() => {
        dispatch(outcome);
        read();
      }, TYPED_MEANWHILE_MS);
    }, 0);
  };

  const run = (effect: Effect): void => {
    switch (effect.kind) {
      case 'readBuyer':
        return dispatch(readBuyer(operator, effect.buyerId));
      case 'readRequest':
        return dispatch(readRequest(operator, effect.requestId, size.columns));
      case 'act':
        return actSoon(effect.action);
      case 'copy':
        return terminal?.copy(effect.text);
      default:
        return terminal?.[effect.kind]();
    }
  };

  return {
    state: () => state,
    snapshot: () => snapshot,
    dispatch,
    setSize: (changed) => {
      const laidOutAnew = changed.columns !== size.columns;
      size = changed;
      // A document is laid out for its width.
      if (laidOutAnew && state.detail?.kind === 'request' && terminal !== null) run({ kind: 'readRequest', requestId: state.detail.requestId });
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start(shownIn) {
      terminal = shownIn;
      reschedule(true);
      return () => {
        clearTimeout(timer);
        terminal = null;
        ended = true;
      };
    },
  };
}
