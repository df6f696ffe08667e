/** How often somebody may do something: a count of recent times in memory, bounded. */
import { ApiError } from './api-error.ts';

export interface RateLimitOptions {
  readonly most: number;
  readonly perMs: number;
  /** What is limited, for the refusal: `keys can be changed 60 times a minute`. */
  readonly words: string;
}

/** So many somebodies are remembered; beyond that those who came longest ago are forgotten. */
const REMEMBERED_MAX = 10_000;

/** Returns a function that notes one time, or throws `too_many_attempts` with `retry-after`. `now` is Unix ms. */
export function createRateLimit({ most, perMs, words }: RateLimitOptions): (who: number, now: number) => void {
  const times = new Map<number, number[]>();
  return (who, now) => {
    const recent = (times.get(who) ?? []).filter((at) => at > now - perMs);
    times.delete(who);
    times.set(who, recent);
    if (times.size > REMEMBERED_MAX) times.delete(times.keys().next().value as number);
    const [first] = recent;
    if (first !== undefined && recent.length >= most) {
      const retryAfterSeconds = Math.max(1, Math.ceil((first + perMs - now) / 1000));
      throw new ApiError('too_many_attempts', `Too often: ${words}. Try again in ${retryAfterSeconds} s.`, { retryAfterSeconds });
    }
    recent.push(now);
  };
}
