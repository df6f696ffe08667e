/** One line for each request that ends, as events of the log. */
import type { FastLog, Log } from '../log.ts';
import type { Observer, RequestEnd } from '../proxy/observer.ts';
import { requestLine } from './request-line.ts';

/** Anybody can make requests without a good key: so many of those get a line each second, the others are counted. */
const UNKNOWN_PER_SECOND = 10;
const SECOND_MS = 1_000;

export interface RequestLog extends Observer {
  /** Whether lines are written. */
  enabled: boolean;
}

export function createRequestLog(log: Log & FastLog, enabled: boolean, now: () => number = () => performance.now()): RequestLog {
  return new LoggedRequests(log, enabled, now);
}

class LoggedRequests implements RequestLog {
  enabled: boolean;
  readonly #log: Log & FastLog;
  readonly #now: () => number;
  #secondBegan = -Infinity;
  #unknown = 0;

  constructor(log: Log & FastLog, enabled: boolean, now: () => number) {
    this.#log = log;
    this.enabled = enabled;
    this.#now = now;
  }

  requestEnded(end: RequestEnd): void {
    if (!this.enabled || !this.#log.enabledFor('info') || (end.record === null && !this.#roomForUnknown())) return;
    this.#log.infoJson('request', requestLine(end, this.#log.quoted));
  }

  #roomForUnknown(): boolean {
    const now = this.#now();
    if (now - this.#secondBegan >= SECOND_MS) {
      const left = this.#unknown - UNKNOWN_PER_SECOND;
      if (left > 0) this.#log.info('requests_without_key', { count: left, message: 'refused for want of a good key or route, and without lines of their own' });
      this.#secondBegan = now;
      this.#unknown = 0;
    }
    return ++this.#unknown <= UNKNOWN_PER_SECOND;
  }
}
