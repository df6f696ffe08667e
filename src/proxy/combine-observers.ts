/** Several observers as one. */
import type { Log } from '../log.ts';
import { NO_OBSERVER, type Observer, type RequestEnd } from './observer.ts';

const TELL_EVERY_MS = 60_000;

/**
 * Tells each in turn. What one of them throws harms neither the request nor the others; the log hears of it, once a
 * minute at most. `now` is monotonic milliseconds.
 */
export function combineObservers(observers: readonly Observer[], log: Log, now: () => number = () => performance.now()): Observer {
  if (observers.length === 0) return NO_OBSERVER;
  let toldAt = -Infinity;
  let failures = 0;

  function failed(error: unknown): void {
    failures++;
    if (now() - toldAt < TELL_EVERY_MS) return;
    toldAt = now();
    log.error('alert_observer_failed', { error: String((error as Error)?.stack ?? error), failures });
    failures = 0;
  }

  function requestEnded(end: RequestEnd): void {
    for (const observer of observers) {
      try {
        observer.requestEnded(end);
      } catch (error) {
        failed(error);
      }
    }
  }
  return { requestEnded };
}
