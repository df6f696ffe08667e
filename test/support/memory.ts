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

/** By how many bytes the buffers of this process grew at the most while the work ran. */
export async function buffersGrownBy(work: () => Promise<unknown>): Promise<number> {
  reachableBytes();
  const before = process.memoryUsage().arrayBuffers;
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most - before;
}
