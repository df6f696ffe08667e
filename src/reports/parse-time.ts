/** The words in which commands and the API take times. All results are Unix milliseconds. */
import { offsetAt, startOfDay, startOfMonth, startOfNamedDay } from './zone.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const DAY_MS = 86_400_000;
const ISO_TIME = /^(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/;

export type SinceParse = { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly reason: string };

/** A moment (`end` = `start`) or a period such as a day: from `start`, up to but without `end`. */
export type TimeParse = { readonly ok: true; readonly start: number; readonly end: number } | { readonly ok: false; readonly reason: string };

export interface TimeWords {
  readonly now: number;
  /** The zone of days, months and times without an offset. */
  readonly timezone: string;
  /** `7d`: seven days of the calendar, today included, or seven times 24 hours before now. */
  readonly days: 'calendar' | 'rolling';
}

const moment = (ms: number): TimeParse => ({ ok: true, start: ms, end: ms });

/**
 * `30m`, `2h`, `7d`; `today`, `yesterday`, `month` (this one); `2026-11`; `2026-11-23`; `2026-11-23T12:00`, in the zone
 * unless it has an offset.
 */
export function parseTime(text: string, words: TimeWords): TimeParse {
  const { now, timezone: zone } = words;
  const reason = `"${text}" is not a time: write 30m, 2h, 7d, today, yesterday, month, 2026-11, 2026-11-23 or 2026-11-23T12:00Z (${zone} unless it has an offset)`;
  if (text === 'today' || text === 'yesterday') return dayAgo(text === 'today' ? 0 : 1, words);
  if (text === 'month') return { ok: true, start: startOfMonth(now, zone), end: startOfMonth(now, zone, 1) };
  const ago = /^(\d{1,6})([smhdw])$/.exec(text);
  if (ago) return momentAgo(Number(ago[1]), ago[2] as string, words);
  const first = startOfNamedDay(/^\d{4}-\d{2}$/.test(text) ? `${text}-01` : text, zone);
  if (first !== null) return { ok: true, start: first, end: text.length === 7 ? startOfMonth(first, zone, 1) : startOfDay(first + 1.5 * DAY_MS, zone) };
  const iso = ISO_TIME.exec(text);
  // Date.parse takes 30 February for 2 March.
  if (!iso || startOfNamedDay(iso[1] as string, 'UTC') === null) return { ok: false, reason };
  const ms = iso[4] === undefined ? instantOf(Date.parse(`${text}Z`), zone) : Date.parse(text);
  return Number.isFinite(ms) ? moment(ms) : { ok: false, reason };
}

/** When something began: the start of a period; days and times without an offset are of UTC. */
export function parseSince(text: string, now: number): SinceParse {
  const parsed = parseTime(text, { now, timezone: 'UTC', days: 'rolling' });
  return parsed.ok ? { ok: true, ms: parsed.start } : parsed;
}

function momentAgo(count: number, unit: string, words: TimeWords): TimeParse {
  const calendar = words.days === 'calendar' && (unit === 'd' || unit === 'w');
  if (!calendar) return moment(words.now - count * (UNIT_MS[unit] as number));
  const day = dayAgo((unit === 'w' ? 7 : 1) * count - 1, words);
  return day.ok ? moment(day.start) : day;
}

/** The day that was so many days before today. */
function dayAgo(count: number, { now, timezone: zone }: TimeWords): TimeParse {
  const noon = Math.floor((now + offsetAt(now, zone)) / DAY_MS - count) * DAY_MS + DAY_MS / 2;
  if (noon < 0) return { ok: true, start: 0, end: 0 };
  const start = startOfDay(noon - offsetAt(noon, zone), zone);
  return { ok: true, start, end: startOfDay(start + 1.5 * DAY_MS, zone) };
}

/** When the zone's clock shows this; the first time where it does so twice, as if not put forward where it never does. */
function instantOf(shown: number, zone: string): number {
  if (!Number.isFinite(shown)) return shown;
  const before = shown - offsetAt(shown - DAY_MS, zone);
  const after = shown - offsetAt(shown + DAY_MS, zone);
  const shows = (ms: number): boolean => ms + offsetAt(ms, zone) === shown;
  return shows(before) || !shows(after) ? before : after;
}
