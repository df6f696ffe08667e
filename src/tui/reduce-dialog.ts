/** Dialogs: each asks before money moves or a thing is destroyed, and acts once however often Enter is pressed. */
import { formatKeyId } from '../ids.ts';
import { withList } from './list-cursor.ts';
import { parseUsdc } from '../money.ts';
import type { MicroUsdc } from '../money.ts';
import type { ActionOutcome } from './operator.ts';
import { reduced } from './reduced.ts';
import type { Reduced } from './reduced.ts';
import type { Action, RotationOutcome, Surroundings } from './tui-event.ts';
import { eraseLast, visibleText } from './typed-text.ts';
import type { Dialog, ViewState } from './view-state.ts';

type TopUp = Extract<Dialog, { kind: 'topUp' }>;
type NewKey = Extract<Dialog, { kind: 'newKey' }>;
type Question = Exclude<Dialog, TopUp | NewKey>;

const AMOUNT_LENGTH_MAX = 24;

const isYes = (key: string): boolean => key === 'enter' || key === 'y' || key === 'Y';
const isNo = (key: string): boolean => key === 'escape' || key === 'n' || key === 'N';
const close = (state: ViewState): Reduced => reduced({ ...state, dialog: null });
/** Until its outcome comes no key does anything, so that nothing is done twice. */
const act = (state: ViewState, action: Action): Reduced => reduced({ ...state, busy: true }, { kind: 'act', action });

export function reduceDialogKey(state: ViewState, key: string, _around: Surroundings): Reduced {
  const { dialog } = state;
  if (dialog === null) return reduced(state);
  if (dialog.kind === 'topUp') return dialog.confirming ? confirmTopUp(state, dialog, key) : typeAmount(state, dialog, key);
  if (dialog.kind === 'newKey') return reduceNewKey(state, dialog, key);
  if (isNo(key)) return close(state);
  return isYes(key) ? act(state, actionOf(dialog)) : reduced(state);
}

function actionOf(dialog: Question): Action {
  switch (dialog.kind) {
    case 'rotateKey':
    case 'revokeKey':
      return { kind: dialog.kind, keyId: dialog.keyId };
    case 'disableBuyer':
    case 'enableBuyer':
      return { kind: 'setBuyerDisabled', buyerId: dialog.buyerId, disabled: dialog.kind === 'disableBuyer' };
  }
}

export type AmountParse = { readonly ok: true; readonly amount: MicroUsdc } | { readonly ok: false; readonly problem: string };

/** The amount of a top-up as typed. */
export function parseAmount(text: string): AmountParse {
  const parsed = parseUsdc(text);
  if (!parsed.ok) return { ok: false, problem: text === '' ? 'type an amount in USDC, such as 12.50' : parsed.reason };
  if (parsed.amount > 0n) return { ok: true, amount: parsed.amount };
  return { ok: false, problem: 'a top-up is above 0; to take money back use ainogap topup --adjust' };
}

const withAmount = (state: ViewState, dialog: TopUp, amount: string): Reduced => reduced({ ...state, dialog: { ...dialog, amount: amount.slice(0, AMOUNT_LENGTH_MAX), problem: null } });

function typeAmount(state: ViewState, dialog: TopUp, key: string): Reduced {
  switch (key) {
    case 'escape':
      return close(state);
    case 'backspace':
      return withAmount(state, dialog, eraseLast(dialog.amount));
    case 'ctrl-u':
      return withAmount(state, dialog, '');
    case 'enter': {
      const parsed = parseAmount(dialog.amount);
      return reduced({ ...state, dialog: parsed.ok ? { ...dialog, confirming: true, problem: null } : { ...dialog, problem: parsed.problem } });
    }
    default:
      return /^[\d.]$/.test(key) ? withAmount(state, dialog, dialog.amount + key) : reduced(state);
  }
}

/** Back to the amount with Esc, where it can be corrected. */
function confirmTopUp(state: ViewState, dialog: TopUp, key: string): Reduced {
  if (isNo(key)) return reduced({ ...state, dialog: { ...dialog, confirming: false } });
  const parsed = parseAmount(dialog.amount);
  if (!isYes(key) || !parsed.ok) return reduced(state);
  return act(state, { kind: 'topUp', buyerId: dialog.buyerId, amount: parsed.amount, reference: dialog.reference });
}

/** What is no number is kept and complained about: `1,5` made into 15 would be worse than a refusal. */
export function pasteIntoAmount(state: ViewState, text: string): ViewState {
  const { dialog } = state;
  if (dialog?.kind !== 'topUp' || dialog.confirming) return state;
  return withAmount(state, dialog, dialog.amount + visibleText(text)).state;
}

function reduceNewKey(state: ViewState, dialog: NewKey, key: string): Reduced {
  switch (key) {
    case 'y':
    case ' ':
      return reduced({ ...state, dialog: { ...dialog, stored: !dialog.stored } });
    case 'c':
      return reduced({ ...state, notice: { kind: 'done', text: 'Copied the new key, if this terminal lets programs copy (OSC 52): paste it somewhere to be sure.' } }, { kind: 'copy', text: dialog.secret });
    case 'enter':
    case 'escape':
      return dialog.stored ? close(state) : reduced(state);
    default:
      return reduced(state);
  }
}

/** A top-up that was refused stays open with the reason; its reference keeps a second try from applying twice. */
export function afterAction(state: ViewState, outcome: ActionOutcome): ViewState {
  const idle = { ...state, busy: false };
  if (outcome.ok) return { ...idle, dialog: null, notice: { kind: 'done', text: outcome.text } };
  if (idle.dialog?.kind === 'topUp') return { ...idle, dialog: { ...idle.dialog, confirming: false, problem: outcome.text } };
  return { ...idle, dialog: null, notice: { kind: 'problem', text: outcome.text } };
}

/** The cursor goes to the new key, which takes the old one's place. */
export function afterRotation(state: ViewState, outcome: RotationOutcome, now: number): ViewState {
  const idle = { ...state, busy: false, dialog: null };
  if (!outcome.ok) return { ...idle, notice: { kind: 'problem', text: outcome.text } };
  const { dialog } = state;
  const { label, masked, buyerName } = dialog?.kind === 'rotateKey' ? dialog : { label: '', masked: '', buyerName: '' };
  const there = withList(idle, { cursorId: formatKeyId(outcome.keyId) }, 'keys');
  return { ...there, dialog: { kind: 'newKey', label, buyerName, secret: outcome.secret, oldMasked: masked, at: now, stored: false } };
}
