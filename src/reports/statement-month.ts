/** The months that statements are of, by the zone's clock. */
import type { StatementHead } from './statement-json.ts';
import { dayName, nextMonth, startOfMonth, startOfNamedDay } from './zone.ts';

export type StatementMonth = Pick<StatementHead, 'month' | 'start' | 'end' | 'timezone'>;

export type MonthParse = { readonly ok: true; readonly month: StatementMonth } | { readonly ok: false; readonly reason: 'malformed' | 'future' };

/** `2026-11`; undefined: the one that runs. `now` is Unix ms. */
export function parseStatementMonth(text: string | undefined, { now, timezone }: { readonly now: number; readonly timezone: string }): MonthParse {
  const start = text === undefined ? startOfMonth(now, timezone) : /^\d{4}-\d{2}$/.test(text) ? startOfNamedDay(`${text}-01`, timezone) : null;
  if (start === null) return { ok: false, reason: 'malformed' };
  if (start > now) return { ok: false, reason: 'future' };
  return { ok: true, month: monthFrom(start, timezone) };
}

function monthFrom(start: number, timezone: string): StatementMonth {
  return { month: dayName(start, timezone).slice(0, 7), start, end: nextMonth(start, timezone), timezone };
}

/** From the month that runs back to the one of `since` (Unix ms), at most `most`. */
export function statementMonths({ since, now, timezone, most }: { readonly since: number; readonly now: number; readonly timezone: string; readonly most: number }): StatementMonth[] {
  const months: StatementMonth[] = [];
  for (let start = startOfMonth(now, timezone); months.length < most; start = startOfMonth(start, timezone, -1)) {
    months.push(monthFrom(start, timezone));
    if (start <= since) break;
  }
  return months;
}
