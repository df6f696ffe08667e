/** `since` and `until` of the API's reports: the words of the commands' `--since` and `--until`, with the same meaning. */
import { parseTime } from '../reports/parse-time.ts';
import { parseTimeRange, type EndNames, type TimeWindow, type WindowOptions } from '../reports/time-range.ts';
import { ApiError } from './api-error.ts';

const NAMES: EndNames = { since: 'since', until: 'until' };

/** A window of whole minutes, up to now without `until`. Throws `invalid_request` with `details.parameter`. */
export function parseWindow(options: WindowOptions): TimeWindow {
  const parsed = parseTimeRange(options, NAMES);
  if (!parsed.ok) throw new ApiError('invalid_request', parsed.problem, { details: { parameter: parsed.end } });
  return parsed.window;
}

export interface StartedBetween {
  /** Unix ms; undefined: without that end. */
  readonly since: number | undefined;
  readonly until: number | undefined;
}

/** The same words for lists, where neither end is needed and any moment will do. Throws like `parseWindow`. */
export function parseStarted(query: { readonly since?: string | undefined; readonly until?: string | undefined }, clock: { readonly now: number; readonly timezone: string }): StartedBetween {
  const bound = (parameter: keyof EndNames): { start: number; end: number } | null => {
    const text = query[parameter];
    if (text === undefined) return null;
    const parsed = parseTime(text, { ...clock, days: 'calendar' });
    if (!parsed.ok) throw new ApiError('invalid_request', `${parameter}: ${parsed.reason}.`, { details: { parameter } });
    return parsed;
  };
  const [since, until] = [bound('since')?.start, bound('until')?.end];
  if (since !== undefined && until !== undefined && since >= until) throw new ApiError('invalid_request', `until: "${query.until}" is not after since, "${query.since}".`, { details: { parameter: 'until' } });
  return { since, until };
}

/** Reports by the hour or the day have at most so many rows. */
const SPANS_MAX = 2_000;
const SPAN_MS = { day: 86_400_000, hour: 3_600_000 } as const;
/** Nothing settles later than that, whatever the ledger's clock: an end in the far future would be a list of empty hours without end. */
const FUTURE_MS = 2 * 86_400_000;

/** The window of a usage report: by day the last 7 days unless told otherwise, by hour the last 24 hours, else today. */
export function parseUsageWindow(by: string, options: Pick<WindowOptions, 'since' | 'until' | 'now' | 'timezone'>): TimeWindow {
  const sinceDefault = by === 'day' ? '7d' : by === 'hour' ? '24h' : 'today';
  const asked = parseWindow({ ...options, sinceDefault, clockHours: by === 'hour' });
  const window = { ...asked, until: Math.min(asked.until, Math.ceil((options.now + FUTURE_MS) / 60_000) * 60_000) };
  if (by !== 'day' && by !== 'hour') return window;
  if ((Math.min(window.until, options.now) - window.since) / SPAN_MS[by] > SPANS_MAX)
    throw new ApiError('invalid_request', `since: by ${by}, this window has more than ${SPANS_MAX} rows; give a later since.`, { details: { parameter: 'since' } });
  return window;
}
