/** From when to when a report reaches: the same words with the same meaning for commands and the API. */
import type { Db } from '../db/open.ts';
import { parseTime, type TimeWords } from './parse-time.ts';
import { presentOf } from './present.ts';
import { offsetAt, startOfHour } from './zone.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

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

/** What the two ends are called where they are given, for what is said about them. */
export interface EndNames {
  readonly since: string;
  readonly until: string;
}

/** `problem` begins with the name of the end that is wrong. */
export type WindowParse = { readonly ok: true; readonly window: TimeWindow } | { readonly ok: false; readonly end: keyof EndNames; readonly problem: string };

class EndProblem extends Error {
  readonly end: keyof EndNames;
  constructor(end: keyof EndNames, problem: string) {
    super(problem);
    this.end = end;
  }
}

/** Whole minutes, by settlement. Without `until`, up to now. `until` is exclusive for a time and inclusive for a day or a month. */
export function parseTimeRange(options: WindowOptions, names: EndNames): WindowParse {
  try {
    return { ok: true, window: windowOf(options, names) };
  } catch (error) {
    if (error instanceof EndProblem) return { ok: false, end: error.end, problem: `${names[error.end]}: ${error.message}.` };
    throw error;
  }
}

function windowOf(options: WindowOptions, names: EndNames): TimeWindow {
  const { now, timezone } = options;
  const words: TimeWords = { now, timezone, days: 'calendar' };
  const present = Math.floor(now / MINUTE_MS + 1) * MINUTE_MS;
  const since = Math.max(0, sinceOf(options, words));
  const until = options.until === undefined ? present : boundOf('until', options.until, words).end;
  if (since >= present) throw new EndProblem('since', `"${options.since}" lies in the future`);
  if (since >= until) throw new EndProblem('until', `"${options.until}" is not after ${names.since}, ${timeIn(since, timezone)} ${timezone}`);
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
  return boundOf('since', text, words).start;
}

/** Usage is kept by the minute: what is counted back from now begins with a whole one, a time that was written must be one. */
function boundOf(end: keyof EndNames, text: string, words: TimeWords): { start: number; end: number } {
  const parsed = parseTime(text, words);
  if (!parsed.ok) throw new EndProblem(end, parsed.reason);
  if (/^\d+[smh]$/.test(text)) {
    const minute = Math.floor(parsed.start / MINUTE_MS) * MINUTE_MS;
    return { start: minute, end: minute };
  }
  if (parsed.start % MINUTE_MS !== 0) throw new EndProblem(end, `"${text}" is not a whole minute; usage is summed by the minute`);
  return { start: parsed.start, end: parsed.end };
}

/** `2026-11-23 12:05`, as the zone's clock shows it. */
export function timeIn(ms: number, timezone: string): string {
  return new Date(ms + offsetAt(ms, timezone)).toISOString().slice(0, 16).replace('T', ' ');
}
