import { formatBuyerId } from '../ids.ts';
import { jsonMicros } from '../money.ts';
import type { BuyerBalance } from '../reports/balances.ts';

/** One buyer's balance as every `--json` shows it. */
export function balanceJson(row: BuyerBalance): Record<string, unknown> {
  return {
    buyerId: formatBuyerId(row.buyerId),
    name: row.buyerName,
    balanceUsdMicros: jsonMicros(row.balance),
    heldUsdMicros: jsonMicros(row.held),
    availableUsdMicros: jsonMicros(row.available),
    burnPerHourUsdMicros: jsonMicros(row.burnPerHour),
    emptyInMinutes: row.emptyInMinutes,
  };
}
