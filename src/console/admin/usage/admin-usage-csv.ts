import type { AdminUsageReport } from '../../../api/schemas/admin.ts';
import { csvText } from '../../csv.ts';
import type { UsageRow } from './usage-windows.ts';

/** The figures of a report, named as in the API; money in whole micro-USDC, so that nothing is rounded. */
const FIELDS = [
  'requests',
  'errors',
  'refused',
  'estimated',
  'uncachedInputTokens',
  'outputTokens',
  'cacheWrite5mTokens',
  'cacheWrite1hTokens',
  'cacheReadTokens',
  'inputChargeUsdMicros',
  'outputChargeUsdMicros',
  'cacheWrite5mChargeUsdMicros',
  'cacheWrite1hChargeUsdMicros',
  'cacheReadChargeUsdMicros',
  'webSearchChargeUsdMicros',
  'chargeUsdMicros',
  'shortfallUsdMicros',
  'listCostUsdMicros',
  'marginUsdMicros',
  'cacheSavedUsdMicros',
] as const satisfies readonly (keyof UsageRow)[];

export function adminUsageCsv({ by, rows }: Pick<AdminUsageReport, 'by' | 'rows'>): string {
  return csvText(
    [by, 'buyer', 'start', 'end', ...FIELDS],
    rows.map((row) => [row.label, row.buyer, row.start, row.end, ...FIELDS.map((field) => row[field])]),
  );
}
