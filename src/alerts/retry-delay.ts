/** From the creation of a call to giving it up. */
export const RETRY_FOR_MS = 24 * 3_600_000;

const FIRST_MS = 5_000;
const LONGEST_MS = 3_600_000;
/** Calls that failed together shall not come back together. */
const JITTER = 0.2;

/** How long to wait after attempt 1, 2, 3 …: 5 s, doubled each time, at most an hour, less up to a fifth. `random`: 0 to 1. */
export function retryDelayMs(attempt: number, random: number): number {
  // The exponent is bounded so that it stays a number.
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt - 1, 20));
  return Math.round(full * (1 - JITTER * random));
}
