/** What an operator can be looking at, for tests of the drawing: each view, detail, dialog and line of the footer. */
import type { BuyerId, KeyId, RequestId } from '../../src/ids.ts';
import { micro } from '../../src/money.ts';
import type { LiveSnapshot } from '../../src/reports/live/snapshot.ts';
import { initialState } from '../../src/tui/initial-state.ts';
import type { Detail, Dialog, View, ViewState } from '../../src/tui/view-state.ts';
import { VIEWS } from '../../src/tui/view-state.ts';
import { SNAPSHOT_AT } from '../support/live-snapshots.ts';

export const SECRET = 'rk_0123456789abcdefghijklmnopqrstuvwxyz';

export const looking = (view: View, change: Partial<ViewState> = {}): ViewState => ({ ...initialState({ view, intervalMs: 500 }), ...change });

/** The lists of `state` with one of them changed. */
export function withList(state: ViewState, change: Partial<ViewState['lists'][View]>): ViewState {
  return { ...state, lists: { ...state.lists, [state.view]: { ...state.lists[state.view], ...change } } };
}

export const RECEIPT_LINES: readonly string[] = [
  'acme · key prod rk_…9f3a · claude-fast → claude-sonnet-4-6',
  '',
  'class            tokens  ×  USDC/M   =      USDC    if nothing were cached',
  'I input              50       4.00      0.000200    0.007000  (1,750 × 4.00)',
  'O output            120      20.00      0.002400    0.002400',
  '5 cache write 5m    200       5.00      0.001000    —',
  'H cache write 1h      0       8.00      0.000000    —',
  'R cache read      1,500       0.40      0.000600    —',
  '────────────────────────────────────────────────────',
  'charge           1,870                  0.004200    0.009400',
];
export const STORY_LINES: readonly string[] = [
  'At 12:04:13.208 UTC the key prod of acme was admitted; its hold of 0.034480 USDC was bounded by bytes, because no tokenizer makes more tokens than bytes.',
  'The upstream answered after 412 ms.',
];

export function buyerDetail(snapshot: LiveSnapshot): Detail {
  const deposits = [
    { at: SNAPSHOT_AT - 9_000_000, amount: micro(100_000_000), words: 'top-up, reference tx_0x91' },
    { at: SNAPSHOT_AT - 900_000_000, amount: micro(-2_500_000), words: 'adjustment: credited twice on the third of May' },
  ];
  return { kind: 'buyer', buyerId: 1 as BuyerId, cursor: 1, top: 0, content: { requests: [...snapshot.requests.ended, ...snapshot.requests.open], deposits } };
}

export const requestDetail = (shows: 'receipt' | 'explain' | 'json'): Detail => ({
  kind: 'request',
  requestId: (62_604_000_000_000_009n << 2n) as RequestId,
  shows,
  content: { receipt: RECEIPT_LINES, explain: STORY_LINES, json: JSON.stringify({ receipt: 'ainogap-receipt-1', parts: [{ tokens: { input: 50 } }] }, null, 2).split('\n') },
  scroll: 0,
  from: null,
});

const buyer = { buyerId: 1 as BuyerId, buyerName: 'acme' } as const;
const key = { keyId: 1 as KeyId, label: 'prod', masked: 'rk_8fK1…9f31', buyerName: 'acme' } as const;

export const DIALOGS: Readonly<Record<'amount' | 'topUp' | 'rotateKey' | 'revokeKey' | 'disableBuyer' | 'enableBuyer' | 'newKey', Dialog>> = {
  amount: { kind: 'topUp', ...buyer, amount: '12.5', problem: 'it has too many decimals', confirming: false, reference: 'top_1' },
  topUp: { kind: 'topUp', ...buyer, amount: '100', problem: null, confirming: true, reference: 'top_1' },
  rotateKey: { kind: 'rotateKey', ...key },
  revokeKey: { kind: 'revokeKey', ...key },
  disableBuyer: { kind: 'disableBuyer', ...buyer },
  enableBuyer: { kind: 'enableBuyer', ...buyer },
  newKey: { kind: 'newKey', label: 'prod', buyerName: 'acme', secret: SECRET, oldMasked: 'rk_8fK1…9f31', at: SNAPSHOT_AT, stored: false },
};

/** One of each. */
export function statesOf(snapshot: LiveSnapshot): ViewState[] {
  return [
    ...VIEWS.map((view) => looking(view)),
    ...VIEWS.map((view) => withList(looking(view, { choosingSort: true, paused: true }), { filter: 'a', sort: { column: 'I', descending: true } })),
    ...VIEWS.map((view) => withList(looking(view, { filtering: true }), { filter: 'nothing has 漢字 in it' })),
    ...Object.values(DIALOGS).map((dialog) => looking('keys', { dialog })),
    looking('buyers', { detail: buyerDetail(snapshot) }),
    looking('buyers', { detail: { kind: 'buyer', buyerId: 9_999 as BuyerId, content: null, cursor: 0, top: 0 } }),
    ...(['receipt', 'explain', 'json'] as const).map((shows) => looking('live', { detail: requestDetail(shows) })),
    looking('live', { detail: { ...requestDetail('receipt'), content: null } as Detail }),
    looking('live', { errorsOnly: true, help: { query: '', scroll: 999 } }),
    looking('keys', { help: { query: 'revoke', scroll: 0 } }),
    looking('overview', { problem: { message: 'the database is locked by another program', since: SNAPSHOT_AT } }),
    looking('overview', { notice: { kind: 'done', text: 'acme  +100.000000 USDC  balance 112.40 → 212.40' } }),
    looking('overview', { notice: { kind: 'problem', text: 'nothing was changed: \u001b[2Jthe disk is full' }, busy: true }),
  ];
}
