/** What can happen to the view, and what it asks for in return: plain values both, so that `reduce` stays pure. */
import type { BuyerId, KeyId, RequestId } from '../ids.ts';
import type { MicroUsdc } from '../money.ts';
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { ActionOutcome, BuyerDetail, Operator, RequestDetailText } from './operator.ts';

export type RotationOutcome = ReturnType<Operator['rotateKey']>;

/** Keys that are no character of their own. */
export type NamedKey =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'pageUp'
  | 'pageDown'
  | 'home'
  | 'end'
  | 'enter'
  | 'escape'
  | 'tab'
  | 'shiftTab'
  | 'backspace'
  | 'ctrl-c'
  | 'ctrl-l'
  | 'ctrl-u'
  | 'ctrl-z';

export type TuiEvent =
  /** A named key, or one character as typed. */
  | { readonly kind: 'key'; readonly key: NamedKey | (string & {}) }
  | { readonly kind: 'paste'; readonly text: string }
  /** New figures have come; `before` are those that they replace. */
  | { readonly kind: 'read'; readonly before: LiveSnapshot | null }
  | { readonly kind: 'readFailed'; readonly message: string }
  | { readonly kind: 'buyerRead'; readonly buyerId: BuyerId; readonly content: BuyerDetail }
  | { readonly kind: 'requestRead'; readonly requestId: RequestId; readonly content: RequestDetailText | null }
  | { readonly kind: 'acted'; readonly outcome: ActionOutcome }
  | { readonly kind: 'rotated'; readonly outcome: RotationOutcome };

export type Action =
  | { readonly kind: 'topUp'; readonly buyerId: BuyerId; readonly amount: MicroUsdc; readonly reference: string }
  | { readonly kind: 'rotateKey'; readonly keyId: KeyId }
  | { readonly kind: 'revokeKey'; readonly keyId: KeyId }
  | { readonly kind: 'setBuyerDisabled'; readonly buyerId: BuyerId; readonly disabled: boolean };

export type Effect =
  | { readonly kind: 'quit' }
  /** Hand the terminal back to the shell until it says go on. */
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'readBuyer'; readonly buyerId: BuyerId }
  | { readonly kind: 'readRequest'; readonly requestId: RequestId }
  | { readonly kind: 'act'; readonly action: Action }
  /** Put it on the clipboard of the terminal. */
  | { readonly kind: 'copy'; readonly text: string };

/** What an event meets. */
export interface Surroundings {
  readonly snapshot: LiveSnapshot | null;
  /** Of the terminal. */
  readonly columns: number;
  readonly rows: number;
  /** Unix milliseconds. */
  readonly now: number;
  /** Never the same twice: what a new dialog makes its reference of. */
  readonly random: string;
}
