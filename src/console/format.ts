/** How figures are written on every page. Nothing here knows the browser's pages, so that tests run it as it is. */
import { formatUsdc } from '../money.ts';

/** What stands where there is no figure: while loading, and where none applies. */
export const NO_FIGURE = '—';

type Maybe<T> = T | null | undefined;

/** Whole micro-USDC as decimal USDC with thousands apart: 2 decimals for balances, 4 for rates, 6 on receipts. */
export function usdc(micros: Maybe<number>, digits: 0 | 2 | 4 | 6 = 2): string {
  if (micros === null || micros === undefined) return NO_FIGURE;
  return formatUsdc(BigInt(micros), digits, true);
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

/** A count of tokens or requests, such as `1,204,331`. */
export const tokens = (count: Maybe<number>): string => (count === null || count === undefined ? NO_FIGURE : WHOLE.format(count));
/** For axes only, such as `1.2M`. */
export const shortCount = (count: number): string => SHORT.format(count);

/** A fraction as a percentage: `0.0421` is `4.2%`. What is not zero never reads `0.0%`. */
export function percent(share: Maybe<number>, digits: number = 1): string {
  if (share === null || share === undefined) return NO_FIGURE;
  const shown = (share * 100).toFixed(digits);
  if (Number(shown) === 0 && share !== 0) return `${share < 0 ? '>-' : '<'}${(10 ** -digits).toFixed(digits)}%`;
  return `${Number(shown) === 0 ? (0).toFixed(digits) : shown}%`;
}

/** Money per million tokens, such as `3.7500`. */
export const perMillion = (micros: Maybe<number>): string => usdc(micros, 4);

export type TimePrecision = 'second' | 'minute' | 'day' | 'clock';

/** ISO 8601 to `2026-11-23 12:05:01 UTC`; `clock` leaves the day out. */
export function timeUtc(iso: Maybe<string>, precision: TimePrecision = 'second'): string {
  if (iso === null || iso === undefined) return NO_FIGURE;
  const text = new Date(iso).toISOString();
  if (precision === 'day') return text.slice(0, 10);
  const clock = text.slice(11, precision === 'minute' ? 16 : 19);
  return precision === 'clock' ? `${clock} UTC` : `${text.slice(0, 10)} ${clock} UTC`;
}

/** The same moment where the reader is, for a tooltip. */
export function timeLocal(iso: string): string {
  return new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' }).format(new Date(iso));
}

/** Milliseconds as `840 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ms: Maybe<number>): string {
  if (ms === null || ms === undefined) return NO_FIGURE;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Minutes as `45m`, `5h 30m`, `12d 4h`. */
export function lasting(minutes: Maybe<number>): string {
  if (minutes === null || minutes === undefined) return NO_FIGURE;
  if (minutes < 60) return minutes < 1 ? '<1m' : `${Math.floor(minutes)}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours}h ${Math.floor(minutes % 60)}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** `1 request`, `2 requests`. */
export const counted = (count: number, one: string, many: string = `${one}s`): string => `${tokens(count)} ${count === 1 ? one : many}`;
