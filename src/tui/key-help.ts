/** Every key with its meaning, by where it has it: the footer and the help are drawn from this one table. */
import type { ViewState } from './view-state.ts';

/** Where a key means something. `list`: all six views; `buyers`: also the overview, which lists them. */
export type KeyContext = 'everywhere' | 'list' | 'buyers' | 'routes' | 'keys' | 'live' | 'upstreams' | 'buyerDetail' | 'requestDetail' | 'filter' | 'sort' | 'amount' | 'question' | 'newKey' | 'help';

export interface KeyHelp {
  readonly context: KeyContext;
  readonly keys: string;
  /** In the footer; null: only in the help. */
  readonly label: string | null;
  readonly meaning: string;
  /** Where the footer has no room for all, those with the highest number go first. */
  readonly drop: number;
}

const row = (context: KeyContext, keys: string, label: string | null, meaning: string, drop = 5): KeyHelp => ({ context, keys, label, meaning, drop });

export const KEY_HELP: readonly KeyHelp[] = [
  row('list', '↑↓', 'move', 'move the cursor; j and k do the same', 6),
  row('list', 'PgUp PgDn', null, 'move by a screenful'),
  row('list', 'g G', null, 'to the first row, to the last; Home and End do the same'),
  row('buyers', '⏎', 'open', "open the buyer: figures, last requests, deposits", 2),
  row('buyers', 't', 'top up', 'add USDC to the balance of the buyer under the cursor; asks first', 3),
  row('buyers', 'K', 'keys', 'show the keys of the buyer under the cursor', 4),
  row('buyers', 'd', 'disable', 'disable the buyer under the cursor, or enable it again; asks first', 4),
  row('routes', '⏎', 'its requests', 'show the live requests of the route under the cursor', 2),
  row('keys', '⏎', 'open buyer', 'open the buyer of the key under the cursor', 2),
  row('keys', 'r', 'rotate', 'replace the key under the cursor: the new one is shown once; asks first', 3),
  row('keys', 'v', 'revoke', 'end the key under the cursor for good; asks first', 3),
  row('live', '⏎', 'receipt', 'open the receipt of the request under the cursor', 2),
  row('live', 'f', 'freeze', 'hold the figures still, or let them go on', 4),
  row('live', 'e', 'errors only', 'show only requests that failed, or all again', 4),
  row('live', 'c', null, "copy the request's id to the clipboard of the terminal"),
  row('upstreams', '⏎', 'its routes', 'show the routes that lead to the upstream under the cursor', 2),
  row('list', '/', 'filter', 'show only rows with the words typed next; Esc shows all again', 5),
  row('list', 's', 'sort', 'choose the column to sort by; its letter again turns the order round', 5),
  row('buyerDetail', 'esc', 'back', 'back to the list', 1),
  row('buyerDetail', '↑↓', 'move', "move through the buyer's last requests", 6),
  row('buyerDetail', '⏎', 'receipt', 'open the receipt of the request under the cursor', 3),
  row('buyerDetail', 't', 'top up', 'add USDC to the balance; asks first', 4),
  row('buyerDetail', 'K', 'keys', "show the buyer's keys", 5),
  row('buyerDetail', 'd', 'disable', 'disable the buyer, or enable it again; asks first', 5),
  row('requestDetail', 'esc', 'back', 'back to where the request was opened from', 1),
  row('requestDetail', '↑↓', 'scroll', 'scroll; Space, PgUp and PgDn by a screenful', 6),
  row('requestDetail', 'x', 'explain', 'the story of the request in words, or its receipt again', 3),
  row('requestDetail', 'j', 'json', 'the receipt as JSON, or as text again', 4),
  row('requestDetail', 'c', 'copy id', "copy the request's id to the clipboard of the terminal", 5),
  row('filter', '⏎', 'keep', 'keep the filter and go back to the list', 2),
  row('filter', 'esc', 'show all', 'clear the filter', 2),
  row('filter', '^U', null, 'empty the line'),
  row('sort', 'esc', 'leave', 'leave the order as it is', 1),
  row('amount', '⏎', 'next', 'go on to what the balance becomes', 2),
  row('amount', 'esc', 'cancel', 'leave without a top-up', 1),
  row('question', '⏎', 'yes', 'do it; y does the same', 2),
  row('question', 'esc', 'cancel', 'do nothing; n does the same', 1),
  row('newKey', 'c', 'copy', 'copy the new key to the clipboard of the terminal', 2),
  row('newKey', 'y', 'stored', 'tick that the key is stored', 2),
  row('newKey', '⏎', 'done', 'close, once the tick is set; the key is not shown again', 1),
  row('help', 'type', 'to search', 'find keys by their meaning', 3),
  row('help', '↑↓', 'scroll', 'scroll the help', 4),
  row('help', 'esc', 'close', 'close the help', 1),
  row('everywhere', '1-6', null, 'open a view; Tab and Shift-Tab go through them'),
  row('everywhere', 'p', 'pause', 'hold the figures still, or let them go on', 8),
  row('everywhere', '+/-', 'interval', 'read less often, or more often (0.2 s to 60 s)', 9),
  row('everywhere', '?', 'help', 'this help', 1),
  row('everywhere', 'q', 'quit', 'leave; Ctrl-C does the same', 0),
  row('everywhere', '^L', null, 'draw the screen anew'),
  row('everywhere', '^Z', null, 'back to the shell until fg'),
];

/** In the words of the help. */
export const CONTEXT_TITLES: Readonly<Record<KeyContext, string>> = {
  everywhere: 'Everywhere',
  list: 'In every list',
  buyers: 'Overview and buyers',
  routes: 'Routes',
  keys: 'Keys',
  live: 'Live requests',
  upstreams: 'Upstreams',
  buyerDetail: 'A buyer',
  requestDetail: 'A request',
  filter: 'While filtering',
  sort: 'While choosing a column',
  amount: 'Top-up',
  question: 'Questions',
  newKey: 'A new key',
  help: 'This help',
};

/** Where the next key goes, the nearest first. */
export function contextsOf(state: ViewState): KeyContext[] {
  const { dialog } = state;
  if (dialog !== null) return [dialog.kind === 'newKey' ? 'newKey' : dialog.kind === 'topUp' && !dialog.confirming ? 'amount' : 'question'];
  if (state.help !== null) return ['help'];
  if (state.filtering) return ['filter'];
  if (state.choosingSort) return ['sort'];
  if (state.detail !== null) return [state.detail.kind === 'buyer' ? 'buyerDetail' : 'requestDetail', 'everywhere'];
  return [state.view === 'overview' ? 'buyers' : state.view, 'list', 'everywhere'];
}

/** The keys of the footer, in the order of the table. */
export function footerKeys(state: ViewState): KeyHelp[] {
  const contexts = contextsOf(state);
  return KEY_HELP.filter(({ context, label }) => label !== null && contexts.includes(context));
}
