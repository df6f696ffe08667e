/** Summed usage as its buyer sees it. */
import { usageJson, type UsageField } from '../../reports/usage-json.ts';
import type { UsageSums } from '../../reports/usage-sums.ts';
import type { UsageTotals } from '../schemas/usage.ts';

const OPERATORS_ONLY: ReadonlySet<string> = new Set(['listCostUsdMicros', 'marginUsdMicros', 'margin'] satisfies UsageField[]);

/** Without list cost and margin. */
export function buyerTotals(sums: UsageSums): UsageTotals {
  return Object.fromEntries(Object.entries(usageJson(sums)).filter(([field]) => !OPERATORS_ONLY.has(field))) as UsageTotals;
}
