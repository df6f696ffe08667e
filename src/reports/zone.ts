/**
 * Days, hours and months as a clock in some zone shows them. Instants are Unix milliseconds; a zone is an IANA name that
 * `Intl` knows. Days may last 23, 24 or 25 hours, and begin where the date first shows: where the clock skips midnight,
 * at one o'clock; where it shows midnight twice, at the first. Offsets count in whole minutes, as all do today.
 */

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

const formats = new Map<string, Intl.DateTimeFormat>();
/** Milliseconds that a zone's clock is ahead of UTC at an instant. Throws RangeError for a zone that `Intl` does not know. */
export function offsetAt(ms: number, zone: string): number {
  if (zone === 'UTC') return 0;
  let format = formats.get(zone);
  if (format === undefined) {
    const fields = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, calendar: 'gregory', numberingSystem: 'latn', hourCycle: 'h23', ...fields });
    formats.set(zone, format);
  }
  const minute = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  const [month = 1, day = 1, year = 1970, hour = 0, minutes = 0] = (format.format(minute).match(/\d+/g) ?? []).map(Number);
  return Date.UTC(year, month - 1, day, hour, minutes) - minute;
}

/** `2026-11-23`: the date that the zone's clock shows. */
export function dayName(ms: number, zone: string): string {
  return new Date(ms + offsetAt(ms, zone)).toISOString().slice(0, 10);
}

/** The first instant of the day that contains `ms`. */
export function startOfDay(ms: number, zone: string): number {
  const offset = offsetAt(ms, zone);
  const midnight = Math.floor((ms + offset) / DAY_MS) * DAY_MS - offset;
  if (offsetAt(midnight, zone) === offset && offsetAt(midnight - MINUTE_MS, zone) === offset) return midnight;
  // The offset changes about then: the first minute that shows this date.
  const name = dayName(ms, zone);
  let [before, from] = [midnight - DAY_MS - 2 * HOUR_MS, Math.floor(ms / MINUTE_MS) * MINUTE_MS];
  while (from - before > MINUTE_MS) {
    const middle = before + Math.floor((from - before) / (2 * MINUTE_MS)) * MINUTE_MS;
    if (dayName(middle, zone) < name) before = middle;
    else from = middle;
  }
  return from;
}

/** The first instant of the day after the one that contains `ms`. */
export function nextDay(ms: number, zone: string): number {
  return startOfDay(startOfDay(ms, zone) + 36 * HOUR_MS, zone);
}

/** The first instant of a day by its name, such as `2026-11-23`; null when that is no date. */
export function startOfNamedDay(name: string, zone: string): number | null {
  const noon = /^\d{4}-\d\d-\d\d$/.test(name) ? Date.parse(`${name}T12:00:00Z`) : NaN;
  if (Number.isNaN(noon) || new Date(noon).toISOString().slice(0, 10) !== name) return null;
  const start = startOfDay(noon - offsetAt(noon, zone), zone);
  return dayName(start, zone) === name ? start : null;
}

/** The first instant of the month that contains `ms`, or of the month that many months later. */
export function startOfMonth(ms: number, zone: string, later = 0): number {
  const shown = new Date(ms + offsetAt(ms, zone));
  const noon = Date.UTC(shown.getUTCFullYear(), shown.getUTCMonth() + later, 1, 12);
  return startOfDay(noon - offsetAt(noon, zone), zone);
}

/** The first instant of the month after the one that contains `ms`. */
export function nextMonth(ms: number, zone: string): number {
  return startOfMonth(ms, zone, 1);
}

/** The last instant, at or before `ms`, at which the zone's clock shows a full hour. */
export function startOfHour(ms: number, zone: string): number {
  const offset = offsetAt(ms, zone);
  const start = Math.floor((ms + offset) / HOUR_MS) * HOUR_MS - offset;
  if (offsetAt(start, zone) === offset) return start;
  // The offset changed within this hour, by a whole hour or by half of one.
  let full = Math.floor(ms / MINUTE_MS) * MINUTE_MS;
  while ((full + offsetAt(full, zone)) % HOUR_MS !== 0) full -= MINUTE_MS;
  return full;
}

/** The first instant after `ms` at which the zone's clock shows a full hour. */
export function nextHour(ms: number, zone: string): number {
  const start = startOfHour(ms, zone);
  const next = start + HOUR_MS;
  if (offsetAt(next, zone) === offsetAt(start, zone)) return next;
  let full = start + MINUTE_MS;
  while ((full + offsetAt(full, zone)) % HOUR_MS !== 0) full += MINUTE_MS;
  return full;
}

export type Calendar = 'hour' | 'day';
/** A bucket of time: [start, end). */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The hours or days that [since, until) touches, in order, the first and the last cut to it. */
export function spansOf(calendar: Calendar, { since, until, timezone }: { since: number; until: number; timezone: string }): Span[] {
  const spans: Span[] = [];
  const next = calendar === 'day' ? nextDay : nextHourInDay();
  for (let start = since; start < until; ) {
    const end = Math.min(until, next(start, timezone));
    spans.push({ start, end });
    start = end;
  }
  return spans;
}

/** `nextHour` that asks `Intl` once a UTC day where the offset does not change within it. */
function nextHourInDay(): typeof nextHour {
  let [day, steady, offset] = [NaN, false, 0];
  return (ms, zone) => {
    const today = Math.floor(ms / DAY_MS);
    if (today !== day) {
      day = today;
      offset = offsetAt(day * DAY_MS, zone);
      steady = offsetAt((day + 1) * DAY_MS + 2 * HOUR_MS, zone) === offset && offsetAt(day * DAY_MS - 2 * HOUR_MS, zone) === offset;
    }
    return steady ? Math.floor((ms + offset) / HOUR_MS + 1) * HOUR_MS - offset : nextHour(ms, zone);
  };
}
