/** What the ledger wrote, at the end of a request's story. */
import { ZERO } from '../../money.ts';
import { paidBy, type RequestTransfer } from '../request-transfers.ts';
import { usdc } from './figure-words.ts';
import type { StoryStep } from './story-step.ts';

const TRANSFER_WORDS: Readonly<Record<RequestTransfer['kind'], string>> = {
  post: 'charged out of the hold',
  void: 'the hold was released whole',
  excess: 'charged beyond the hold, out of what was available',
  shortfall: 'charged beyond that: the balance did not have it, so it is your loss',
};

export function ledgerStep(transfers: readonly RequestTransfer[]): StoryStep | null {
  if (transfers.length === 0) return null;
  const { released, debited } = paidBy(transfers);
  const rest = released === ZERO ? 'none of the hold was left' : `${usdc(released)} of the hold was released`;
  const text = debited === ZERO ? `Nothing was debited; ${usdc(released)} was released.` : `${usdc(debited)} was debited; ${rest}.`;
  const rows = transfers.map(({ transferId, kind, amount }) => `ledger #${transferId}  ${kind === 'void' ? '' : `${usdc(amount)} `}${TRANSFER_WORDS[kind]}`);
  return { topic: 'ledger', text, rows };
}
