import { jsonMicros } from '../../money.ts';
import type { BuyerBalance } from '../../reports/balances.ts';
import type { Balance } from '../schemas/buyer.ts';

export function balanceDocument({ balance, held, available, burnPerHour, emptyInMinutes }: BuyerBalance): Balance {
  return {
    balanceUsdMicros: jsonMicros(balance),
    heldUsdMicros: jsonMicros(held),
    availableUsdMicros: jsonMicros(available),
    burnPerHourUsdMicros: jsonMicros(burnPerHour),
    emptyInMinutes,
  };
}
