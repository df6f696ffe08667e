/** A usage report by hour or day as the points of a chart: every hour and day of the window, those without usage too. */
import type { UsageReport } from '../api/schemas/usage.ts';
import type { StackPoint } from './chart-geometry.ts';
import { addAmounts, chargesOf, NO_AMOUNTS, tokensOf, type PerClass } from './classes.ts';

const STEP_MS = { hour: 1_800_000, day: 6 * 3_600_000 } as const;

type Row = Pick<UsageReport['rows'][number], 'label' | 'running'> & Parameters<typeof tokensOf>[0] & Parameters<typeof chargesOf>[0];
export interface ReportOverTime {
  readonly since: string;
  readonly until: string;
  readonly timezone: string;
  readonly rows: readonly Row[];
}

/** `charge`: whole micro-USDC; `tokens`: counts. */
export function chartPoints(report: ReportOverTime, by: 'hour' | 'day', measure: 'charge' | 'tokens'): StackPoint[] {
  const sums = new Map<string, { readonly values: PerClass; readonly running: boolean }>();
  for (const label of labelsBetween(report, by)) sums.set(label, { values: NO_AMOUNTS, running: false });
  for (const row of report.rows) {
    const before = sums.get(row.label)?.values ?? NO_AMOUNTS;
    sums.set(row.label, { values: addAmounts(before, measure === 'charge' ? chargesOf(row) : tokensOf(row)), running: row.running });
  }
  return [...sums]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, { values, running }]) => ({ label: by === 'hour' ? `${label} ${zoneWord(report.timezone)}` : label, short: by === 'hour' ? label.slice(11, 16) : label.slice(5), values, running }));
}

const zoneWord = (timezone: string): string => (timezone === 'UTC' ? 'UTC' : timezone);

/** The names of the hours or days in the report's zone, as the API writes them. */
function labelsBetween({ since, until, timezone }: ReportOverTime, by: 'hour' | 'day'): string[] {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' });
  const name = (ms: number): string => {
    const of = Object.fromEntries(parts.formatToParts(ms).map((part) => [part.type, part.value]));
    const day = `${of['year']}-${of['month']}-${of['day']}`;
    return by === 'day' ? day : `${day} ${of['hour']}:00`;
  };
  const end = Date.parse(until);
  const labels: string[] = [];
  for (let ms = Date.parse(since); ms < end; ms += STEP_MS[by]) labels.push(name(ms));
  // The last moment before the end: a window may end within a step.
  labels.push(name(end - 1));
  return [...new Set(labels)];
}
