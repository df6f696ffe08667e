import { UsageNotSummedError } from '../reports/usage-state.ts';
import { ApiError } from './api-error.ts';

/** Runs a report. While sums lack requests (after an upgrade, until `serve` has summed them) it is `unavailable`. */
export function whenSummed<T>(report: () => T): T {
  try {
    return report();
  } catch (error) {
    if (!(error instanceof UsageNotSummedError)) throw error;
    throw new ApiError('unavailable', 'Usage is being summed anew, as after an upgrade; this will be there again in a while.', { retryAfterSeconds: 10 });
  }
}
