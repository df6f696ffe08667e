/** What is counted of one upstream. */
import type { RequestRecord } from '../ledger/ledger.ts';
import type { Settled } from '../proxy/observer.ts';
import { upstreamVerdict, type UpstreamVerdict } from '../reports/upstream-fault.ts';
import { DURATION_BOUNDS, FIRST_BYTE_BOUNDS, Histogram } from './histogram.ts';

export class UpstreamCells {
  readonly upstream: string;
  readonly duration = new Histogram(DURATION_BOUNDS);
  readonly firstByte = new Histogram(FIRST_BYTE_BOUNDS);
  readonly results: Record<UpstreamVerdict, number> = { answered: 0, fault: 0, open: 0 };
  retries = 0;

  constructor(upstream: string) {
    this.upstream = upstream;
  }

  /** A request that was held for, and so in all likelihood sent. */
  ended(record: RequestRecord, { heldAfterMs, triedAgainAfterMs }: Settled): void {
    this.duration.observe(record.durationMs / 1000);
    this.results[upstreamVerdict(record)]++;
    if (record.attempts > 1) this.retries += record.attempts - 1;
    const { timeToFirstByteMs } = record;
    if (timeToFirstByteMs === null) return;
    const begunAfterMs = triedAgainAfterMs?.at(-1) ?? heldAfterMs;
    // The one is in whole milliseconds, the other may not be.
    this.firstByte.observe(Math.max(0, timeToFirstByteMs - begunAfterMs) / 1000);
  }
}
