/** What this process keeps in memory, for tests of bounds. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes on the heap and in buffers, after a full collection. */
export function reachableBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** The most that was added to them while the work ran. */
export async function reachableAtMost(work: () => Promise<unknown>): Promise<number> {
  const before = reachableBytes();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, reachableBytes())), 5);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}
