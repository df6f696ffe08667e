/** What the dialogs say: what happens, the numbers, and how to go on. */
import { balanceText, chargeText, clockText } from './figures.ts';
import { parseUsdc } from '../money.ts';
import { printable } from '../printable.ts';
import type { LiveSnapshot } from '../reports/live/snapshot.ts';
import type { Dialog } from './view-state.ts';

export interface DialogWords {
  readonly title: string;
  /** Prose, wrapped to the width. */
  readonly body: readonly string[];
  /** Shown whole or not at all, below the body: a secret, what is being typed, what a balance becomes. */
  readonly exact: string | null;
  readonly problem: string | null;
  /** Keys and their words, e.g. `⏎ Rotate now`. */
  readonly keys: readonly (readonly [key: string, words: string])[];
}

export function dialogWords(dialog: Dialog, snapshot: LiveSnapshot | null): DialogWords {
  switch (dialog.kind) {
    case 'topUp':
      return topUpWords(dialog, snapshot);
    case 'newKey':
      return newKeyWords(dialog);
    case 'rotateKey':
      return question(`Rotate key “${printable(dialog.label)}” of ${printable(dialog.buyerName)}?`, 'Rotate now', [
        `The old key, ${printable(dialog.masked)}, stops working the moment you confirm.`,
        'Requests already running will finish and be billed.',
      ]);
    case 'revokeKey':
      return question(`Revoke key “${printable(dialog.label)}” of ${printable(dialog.buyerName)}?`, 'Revoke now', [
        `${printable(dialog.masked)} stops working the moment you confirm, for good.`,
        'Requests already running will finish and be billed.',
      ]);
    case 'disableBuyer':
      return question(`Disable buyer ${printable(dialog.buyerName)}?`, 'Disable now', [
        'All its keys stop working at once; its balance stays.',
        'Requests already running will finish and be billed.',
      ]);
    case 'enableBuyer':
      return question(`Enable buyer ${printable(dialog.buyerName)}?`, 'Enable now', ['Its live keys work again at once.']);
  }
}

const question = (title: string, yes: string, body: readonly string[]): DialogWords => ({
  title,
  body,
  exact: null,
  problem: null,
  keys: [
    ['esc', 'Cancel'],
    ['⏎', yes],
  ],
});

function topUpWords(dialog: Extract<Dialog, { kind: 'topUp' }>, snapshot: LiveSnapshot | null): DialogWords {
  const balance = snapshot?.buyers.find(({ buyerId }) => buyerId === dialog.buyerId)?.balance ?? null;
  const title = `Top up ${printable(dialog.buyerName)}`;
  const reference = `Reference ${dialog.reference}: applied once, however often it is sent.`;
  const problem = dialog.problem === null ? null : printable(dialog.problem);
  if (!dialog.confirming)
    return { title, body: ['Amount in USDC, up to six decimals.', ...(balance === null ? [] : [`The balance is ${balanceText(balance)}.`])], exact: `${printable(dialog.amount)}_`, problem, keys: [['esc', 'Cancel'], ['⏎', 'Next']] };
  const parsed = parseUsdc(dialog.amount);
  const amount = parsed.ok ? parsed.amount : 0n;
  const change = balance === null ? '' : `balance ${balanceText(balance)} → ${balanceText(balance + amount)}`;
  return { title: `${title}: +${chargeText(amount)} USDC?`, body: [reference], exact: change === '' ? null : change, problem, keys: [['esc', 'Back'], ['⏎', 'Top up now']] };
}

/** What is exact comes with its tick: the dialog closes only once it is set. */
function newKeyWords(dialog: Extract<Dialog, { kind: 'newKey' }>): DialogWords {
  return {
    title: `New key for “${printable(dialog.label)}” of ${printable(dialog.buyerName)}`,
    body: ['Copy the new key now. It is shown only once.', `Old key ${printable(dialog.oldMasked)} revoked ${clockText(dialog.at)} UTC.`],
    exact: dialog.secret,
    problem: null,
    keys: [
      ['c', 'Copy'],
      ['y', `[${dialog.stored ? 'x' : ' '}] I have stored it`],
      ...(dialog.stored ? ([['⏎', 'Done']] as const) : []),
    ],
  };
}
