/** At most so many rows a minute for the refusals of one key: a client in a loop must not fill the disk. */
import type { KeyId } from '../ids.ts';

export const REFUSALS_PER_MINUTE = 60;

/** `now` is monotonic milliseconds. */
export function createRefusalLimit(perMinute = REFUSALS_PER_MINUTE, now: () => number = () => performance.now()): (key: KeyId) => boolean {
  let minute = 0;
  let counts = new Map<KeyId, number>();
  return (key) => {
    const current = Math.floor(now() / 60_000);
    if (current !== minute) {
      minute = current;
      counts = new Map();
    }
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= perMinute;
  };
}
