/** What the operator is looking at, as plain values: `reduce` changes it, `renderFrame` draws it with a snapshot. */
import type { BuyerId, KeyId, RequestId } from '../ids.ts';
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { BuyerDetail, RequestDetailText } from './operator.ts';

export const VIEWS = ['overview', 'buyers', 'routes', 'keys', 'live', 'upstreams'] as const;
export type View = (typeof VIEWS)[number];

/** The column that a list is sorted by, as its letter (see `columns` of each view). */
export interface Sort {
  readonly column: string;
  readonly descending: boolean;
}

export interface ListState {
  /** The row that the cursor is on, by the item's id (`buyer_1`, `key_2`, `req_…`, alias + model, upstream), so that it stays with it. */
  readonly cursorId: string | null;
  /** First row shown. */
  readonly top: number;
  readonly sort: Sort | null;
  /** Only rows whose words contain this, whatever the case. */
  readonly filter: string;
}

export type Detail =
  | { readonly kind: 'buyer'; readonly buyerId: BuyerId; readonly content: BuyerDetail | null; readonly cursor: number; readonly top: number }
  /** Lines of the receipt, the explanation or the JSON; `scroll` is the first one shown. */
  | {
      readonly kind: 'request';
      readonly requestId: RequestId;
      readonly shows: 'receipt' | 'explain' | 'json';
      readonly content: RequestDetailText | null;
      readonly scroll: number;
      /** Esc goes back to this. */
      readonly from: Detail | null;
    };

/** Something that is asked before money moves or a thing is destroyed. */
export type Dialog =
  | { readonly kind: 'topUp'; readonly buyerId: BuyerId; readonly buyerName: string; readonly amount: string; readonly problem: string | null; readonly confirming: boolean; readonly reference: string }
  | { readonly kind: 'rotateKey' | 'revokeKey'; readonly keyId: KeyId; readonly label: string; readonly masked: string; readonly buyerName: string }
  | { readonly kind: 'disableBuyer' | 'enableBuyer'; readonly buyerId: BuyerId; readonly buyerName: string }
  /** The new key, shown this once. It leaves the state when the dialog closes, which it does only once `stored` is ticked (`y`). */
  | {
      readonly kind: 'newKey';
      readonly label: string;
      readonly buyerName: string;
      readonly secret: string;
      readonly oldMasked: string;
      readonly at: number;
      readonly stored: boolean;
    };

export interface ViewState {
  readonly view: View;
  readonly lists: Readonly<Record<View, ListState>>;
  /** `/` was typed: keys go to the filter. */
  readonly filtering: boolean;
  /** `s` was typed: the next letter picks the column. */
  readonly choosingSort: boolean;
  readonly paused: boolean;
  readonly intervalMs: number;
  /** Live requests: only those that failed; and whether the list stands still. */
  readonly errorsOnly: boolean;
  readonly help: { readonly query: string; readonly scroll: number } | null;
  readonly detail: Detail | null;
  readonly dialog: Dialog | null;
  /** An action is under way: its keys do nothing. */
  readonly busy: boolean;
  /** What was done, or why not, in the footer's place until the next key. */
  readonly notice: { readonly kind: 'done' | 'problem'; readonly text: string } | null;
  /** The last read failed: the old figures stay, with the time they are of. */
  readonly problem: { readonly message: string; readonly since: number } | null;
}

export interface FrameInput {
  /** Null before the first read. */
  readonly snapshot: LiveSnapshot | null;
  readonly state: ViewState;
  readonly columns: number;
  readonly rows: number;
}
