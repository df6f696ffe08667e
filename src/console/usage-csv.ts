/** A usage report as the file that its panel offers: whole tokens and micro-USDC, one row for each hour, day or name. */
import type { UsageReport } from '../api/schemas/usage.ts';
import { csvText } from './csv.ts';
import { download } from './download.ts';

const FIELDS = [
  'requests', 'errors', 'refused', 'uncachedInputTokens', 'outputTokens', 'cacheWrite5mTokens', 'cacheWrite1hTokens', 'cacheReadTokens',
  'inputChargeUsdMicros', 'outputChargeUsdMicros', 'cacheWrite5mChargeUsdMicros', 'cacheWrite1hChargeUsdMicros', 'cacheReadChargeUsdMicros',
  'webSearchChargeUsdMicros', 'chargeUsdMicros', 'cacheSavedUsdMicros',
] as const;

export type UsageForCsv = Pick<UsageReport, 'by' | 'rows'>;

export function usageCsv(report: UsageForCsv): string {
  return csvText(
    [report.by, 'id', ...FIELDS],
    report.rows.map((row) => [row.label, row.id ?? null, ...FIELDS.map((field) => row[field])]),
  );
}

export const downloadUsage = (name: string, report: UsageForCsv): void => download(`${name}.csv`, 'text/csv', usageCsv(report));
