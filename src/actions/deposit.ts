import type { Actor } from '../audit/actor.ts';
import { recordAudit } from '../audit/record-audit.ts';
import type { Db } from '../db/open.ts';
import { formatBuyerId } from '../ids.ts';
import { openDirectLedger } from '../ledger/direct.ts';
import type { Deposit, DepositOutcome } from '../ledger/ledger.ts';
import { jsonMicros } from '../money.ts';

type Made = Extract<DepositOutcome, { kind: 'created' }>;

/**
 * A top-up or an adjustment. `now`, Unix milliseconds, is the record's; the transfer has the ledger's own time. Throws
 * `RangeError` for an amount that the ledger does not know.
 */
export function deposit(db: Db, by: Actor, wanted: Deposit, now: number): DepositOutcome {
  return openDirectLedger(db).deposit(wanted, (made) => record(db, by, { wanted, made, now }));
}

function record(db: Db, by: Actor, { wanted, made, now }: { wanted: Deposit; made: Made; now: number }): void {
  const { buyerId, kind, amount, reference, reason } = wanted;
  recordAudit(db, {
    at: now,
    by,
    action: kind === 'deposit' ? 'ledger.deposit' : 'ledger.adjust',
    subject: formatBuyerId(buyerId),
    buyerId,
    before: { balanceUsdMicros: jsonMicros(made.before.balance) },
    after: {
      balanceUsdMicros: jsonMicros(made.balance.balance),
      amountUsdMicros: jsonMicros(amount),
      transferId: String(made.transferId),
      ...(reference === null ? {} : { reference }),
      ...(reason === null ? {} : { reason }),
    },
  });
}
