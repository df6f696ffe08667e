/** When a response status is tried again, and after how long. Only before the first byte goes down. */
import type { IncomingHttpHeaders } from 'node:http';
import type { UpstreamLimits } from '../config.ts';
import { firstValue } from './headers.ts';

const BACKOFF_MS = 250;

/** Milliseconds to wait before the next try, or null: pass the answer on. */
export function retryDelayMs(status: number, headers: IncomingHttpHeaders, limits: UpstreamLimits): number | null {
  if (status !== 429 && status < 500) return null;
  if (firstValue(headers, 'x-should-retry') === 'false') return null;
  const asked = retryAfterMs(headers);
  const delay = asked ?? BACKOFF_MS * (1 + Math.random());
  return delay <= limits.retryAfterMaxMs ? delay : null;
}

/** `retry-after-ms`, else `retry-after` in seconds or as an HTTP date. */
export function retryAfterMs(headers: IncomingHttpHeaders, now: number = Date.now()): number | null {
  const ms = Number(firstValue(headers, 'retry-after-ms') || Number.NaN);
  if (ms >= 0) return ms;
  const after = firstValue(headers, 'retry-after');
  if (after === '') return null;
  const seconds = Number(after);
  if (seconds >= 0) return seconds * 1000;
  const date = Date.parse(after);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
