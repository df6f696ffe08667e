/** `--since` and `--until` of reports: a window of whole minutes, by settlement, in the configured zone. */
import type { Db } from '../db/open.ts';
import { presentOf } from '../reports/present.ts';
import { offsetAt, startOfHour } from '../reports/zone.ts';
import { usageError } from './cli-error.ts';
import { parseTime, type TimeWords } from './parse-since.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What both options take, for their help. */
export const TIME_HELP = '30m, 2h, 7d (days of the calendar, today included), today, yesterday, month, 2026-11, 2026-11-23 or 2026-11-23T12:00';

export interface TimeWindow {
  readonly since: number;
  /** Without it. */
  readonly until: number;
  /** IANA. */
  readonly timezone: string;
  /** It reaches to the present: until the minute that runs, or beyond. */
  readonly running: boolean;
  /** No end was named. */
  readonly openEnded: boolean;
}

export interface WindowOptions {
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Where `since` is not given. */
  readonly sinceDefault: string;
  readonly now: number;
  readonly timezone: string;
  /** `24h` are 24 hours of the clock, the running one included, and not the last 1440 minutes. */
  readonly clockHours?: boolean;
}

/** Without `until`, up to now. `until` is exclusive for a time and inclusive for a day or a month. Throws a usage error. */
export function parseWindow(options: WindowOptions): TimeWindow {
  const { now, timezone } = options;
  const words: TimeWords = { now, timezone, days: 'calendar' };
  const present = Math.floor(now / MINUTE_MS + 1) * MINUTE_MS;
  const since = Math.max(0, sinceOf(options, words));
  const until = options.until === undefined ? present : boundOf('--until', options.until, words).end;
  if (since >= present) throw usageError(`--since: "${options.since}" lies in the future.`);
  if (since >= until) throw usageError(`--until: "${options.until}" is not after --since, ${timeIn(since, timezone)} ${timezone}.`);
  return { since, until, timezone, running: until >= present, openEnded: options.until === undefined };
}

/** The window itself, or up to the ledger's time where no end was named and that is later than now. */
export function upToPresent(db: Db, window: TimeWindow): TimeWindow {
  if (!window.openEnded) return window;
  return { ...window, until: Math.max(window.until, Math.floor(presentOf(db, 0) / MINUTE_MS + 1) * MINUTE_MS) };
}

function sinceOf({ since, sinceDefault, clockHours }: WindowOptions, words: TimeWords): number {
  const text = since ?? sinceDefault;
  const hours = /^([1-9]\d{0,5})h$/.exec(text);
  if (clockHours === true && hours) return startOfHour(words.now - (Number(hours[1]) - 1) * HOUR_MS, words.timezone);
  return boundOf('--since', text, words).start;
}

/** Usage is kept by the minute: what is counted back from now begins with a whole one, a time that was written must be one. */
function boundOf(option: string, text: string, words: TimeWords): { start: number; end: number } {
  const parsed = parseTime(text, words);
  if (!parsed.ok) throw usageError(`${option}: ${parsed.reason}.`);
  const { start, end } = parsed;
  if (/^\d+[smh]$/.test(text)) {
    const minute = Math.floor(start / MINUTE_MS) * MINUTE_MS;
    return { start: minute, end: minute };
  }
  if (start % MINUTE_MS !== 0) throw usageError(`${option}: "${text}" is not a whole minute; usage is summed by the minute.`);
  return { start, end };
}

/** `2026-11-23 12:05`, as the zone's clock shows it. */
export function timeIn(ms: number, timezone: string): string {
  return new Date(ms + offsetAt(ms, timezone)).toISOString().slice(0, 16).replace('T', ' ');
}

/** `2026-11-17 00:00 to 2026-11-23 12:04, Europe/Berlin, so far` */
export function windowWords({ since, until, timezone, running }: TimeWindow, now: number): string {
  const end = running ? Math.min(until, Math.floor(now / MINUTE_MS) * MINUTE_MS) : until;
  return `${timeIn(since, timezone)} to ${timeIn(end, timezone)}, ${timezone}${running ? ', so far' : ''}`;
}
