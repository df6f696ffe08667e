/** A top-up or an adjustment as every document shows it, and why one was refused, in words. */
import { formatBuyerId, type TransferId } from '../ids.ts';
import { availableOf, type Balance, type Deposit, type DepositOutcome } from '../ledger/ledger.ts';
import { formatUsdc, jsonMicros } from '../money.ts';
import type { Buyer } from '../registry/buyers.ts';

export interface WantedDeposit {
  readonly buyer: Buyer;
  readonly deposit: Deposit;
}

export interface AppliedDeposit {
  /** False: its reference was applied before. */
  readonly applied: boolean;
  readonly before: Balance;
  readonly balance: Balance;
  readonly transferId: TransferId;
}

export function depositJson({ buyer, deposit }: WantedDeposit, { applied, before, balance, transferId }: AppliedDeposit): Record<string, unknown> {
  return {
    buyerId: formatBuyerId(buyer.id),
    name: buyer.name,
    applied,
    kind: deposit.kind,
    amountUsdMicros: jsonMicros(deposit.amount),
    balanceBeforeUsdMicros: jsonMicros(before.balance),
    balanceUsdMicros: jsonMicros(balance.balance),
    heldUsdMicros: jsonMicros(balance.held),
    availableUsdMicros: jsonMicros(availableOf(balance)),
    transferId: String(transferId),
    reference: deposit.reference,
    reason: deposit.reason,
  };
}

export type RefusedDeposit = Exclude<DepositOutcome, { kind: 'created' | 'exists' }>;

/** A sentence: nothing was changed, and why. */
export function depositRefusalWords({ buyer, deposit }: WantedDeposit, outcome: RefusedDeposit): string {
  switch (outcome.kind) {
    case 'conflict':
      return (
        `reference "${deposit.reference ?? ''}" was used before with another ${outcome.field} (ledger #${outcome.transferId}); nothing was changed. ` +
        'A reference stands for one top-up: give this one its own.'
      );
    case 'insufficientFunds': {
      const { balance, held } = outcome.balance;
      return (
        `cannot take ${formatUsdc(0n - deposit.amount)} USDC from ${buyer.name}: ${formatUsdc(availableOf(outcome.balance))} is available ` +
        `(balance ${formatUsdc(balance)}, held ${formatUsdc(held)}).`
      );
    }
    case 'noBuyer':
      return `buyer "${buyer.name}" has no account; nothing was changed.`;
    case 'tooMuch':
    case 'unavailable':
      return `nothing was changed: ${outcome.reason}`;
  }
}
