/** `--since` and `--until` of reports: a window of whole minutes, by settlement, in the configured zone. */
import { parseTimeRange, timeIn, type TimeWindow, type WindowOptions } from '../reports/time-range.ts';
import { usageError } from './cli-error.ts';

const MINUTE_MS = 60_000;

/** What both options take, for their help. */
export const TIME_HELP = '30m, 2h, 7d (days of the calendar, today included), today, yesterday, month, 2026-11, 2026-11-23 or 2026-11-23T12:00';

/** Without `until`, up to now. `until` is exclusive for a time and inclusive for a day or a month. Throws a usage error. */
export function parseWindow(options: WindowOptions): TimeWindow {
  const parsed = parseTimeRange(options, { since: '--since', until: '--until' });
  if (!parsed.ok) throw usageError(parsed.problem);
  return parsed.window;
}

/** `2026-11-17 00:00 to 2026-11-23 12:04, Europe/Berlin, so far` */
export function windowWords({ since, until, timezone, running }: TimeWindow, now: number): string {
  const end = running ? Math.min(until, Math.floor(now / MINUTE_MS) * MINUTE_MS) : until;
  return `${timeIn(since, timezone)} to ${timeIn(end, timezone)}, ${timezone}${running ? ', so far' : ''}`;
}
