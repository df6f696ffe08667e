/** Rows of `ainogap usage` for scripts: the same fields as JSON, CSV and tab-separated values. */
import { jsonMicros } from '../money.ts';
import { USAGE_FIELDS, usageJson } from '../reports/usage-json.ts';
import type { UsageGroup, UsageReport, UsageReportRow } from '../reports/usage-report.ts';
import type { UsageSums } from '../reports/usage-sums.ts';
import { isoTime } from './iso-time.ts';
import { classRows } from './class-rows.ts';

export type UsageValue = string | number | boolean | null;
export type UsageRecord = Readonly<Record<string, UsageValue>>;

const SPAN_FIELDS = ['start', 'end', 'running'] as const;

/** What names a row of each grouping. */
const NAME_FIELDS: Readonly<Record<UsageGroup, readonly string[]>> = {
  class: ['class'],
  buyer: ['buyerId', 'buyer'],
  key: ['keyId', 'key', 'buyer'],
  route: ['routeId', 'route'],
  model: ['model'],
  day: ['day', ...SPAN_FIELDS],
  hour: ['hour', ...SPAN_FIELDS],
};

export function usageFields(by: UsageGroup): readonly string[] {
  return [...NAME_FIELDS[by], ...(by === 'class' ? ['tokens', 'chargeUsdMicros'] : USAGE_FIELDS)];
}

export function usageRecords(by: UsageGroup, { rows, total }: UsageReport): UsageRecord[] {
  return by === 'class' ? classRecords(total) : rows.map((row) => ({ ...namesOf(by, row), ...usageJson(row.sums) }));
}

/** The classes by the names that every document of ours gives them. */
function classRecords(total: UsageSums): UsageRecord[] {
  return classRows(total).map(({ tokenClass, tokens, charge }) => ({ class: tokenClass ?? 'webSearch', tokens, chargeUsdMicros: jsonMicros(charge) }));
}

function namesOf(by: Exclude<UsageGroup, 'class'>, { label, id, buyer, span }: UsageReportRow): UsageRecord {
  if (by === 'buyer') return { buyerId: id, buyer: label };
  if (by === 'key') return { keyId: id, key: label, buyer };
  if (by === 'route') return { routeId: id, route: label };
  if (by === 'model') return { model: label };
  const times = span === null ? {} : { start: isoTime(span.start), end: isoTime(span.end), running: span.running };
  return { [by]: label, ...times };
}
