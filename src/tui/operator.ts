/**
 * What the terminal view needs of the world: where figures come from and what an operator may do. The command line
 * gives it; nothing in `tui/` opens a database.
 */
import type { BuyerId, KeyId, RequestId } from '../ids.ts';
import type { MicroUsdc } from '../money.ts';
import type { LiveRequest, LiveSnapshot } from '../reports/live/snapshot.ts';

export interface BuyerDetail {
  /** The buyer's last requests, newest first, at most 100. */
  readonly requests: readonly LiveRequest[];
  /** The last top-ups and adjustments, newest first, at most 10. */
  readonly deposits: readonly { readonly at: number; readonly amount: MicroUsdc; readonly words: string }[];
}

/** A request's document in the three ways it can be read, one string a line, without colours or control characters. */
export interface RequestDetailText {
  /** Empty while it runs. A line of `─` is a rule; a class's line begins with its mark, as `I input`. */
  readonly receipt: readonly string[];
  readonly explain: readonly string[];
  readonly json: readonly string[];
}

/** Words for the operator, e.g. why nothing happened. */
export type ActionOutcome = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly text: string };

export interface Operator {
  /** Reads what a frame shows. Throws with words when the database cannot be read. */
  read(): LiveSnapshot;
  buyer(buyerId: BuyerId): BuyerDetail;
  /** Laid out for so many columns. Null: it is still running, or never was. */
  request(requestId: RequestId, columns: number): RequestDetailText | null;
  /** The reference makes the same top-up apply once, however often it is sent. */
  topUp(topUp: { buyerId: BuyerId; amount: MicroUsdc; reference: string }): ActionOutcome;
  /** The secret is returned this once; `keyId` is the new key's. */
  rotateKey(keyId: KeyId): { readonly ok: true; readonly keyId: KeyId; readonly secret: string; readonly masked: string; readonly text: string } | { readonly ok: false; readonly text: string };
  revokeKey(keyId: KeyId): ActionOutcome;
  setBuyerDisabled(buyerId: BuyerId, disabled: boolean): ActionOutcome;
}
