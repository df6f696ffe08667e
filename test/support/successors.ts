/** The processes that a product's server has handed over to. They outlive the process that the test has started. */
import * as fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Product } from './product.ts';

/** Their ids, oldest first, from what was logged. */
export function successorsOf(product: Product): number[] {
  return [...product.server.stderr().matchAll(/"event":"handed_over","to":(\d+)/g)].map(([, pid]) => Number(pid));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Ends all of them at once, one that is being started too: for after a test, whatever has become of it. */
export async function endSuccessors(product: Product | undefined): Promise<void> {
  if (product === undefined) return;
  product.server.kill('SIGKILL');
  for (let left = stillThere(product); left.length > 0; left = stillThere(product)) {
    for (const pid of left) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
    await sleep(20);
  }
}

/** Those that were started in the product's folder, or where the system does not tell, those that were logged. */
function stillThere(product: Product): number[] {
  if (!fs.existsSync('/proc/self/cwd')) return successorsOf(product).filter(isAlive);
  return fs.readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) && folderOf(name) === product.folder && Number(name) !== product.server.pid ? [Number(name)] : []));
}

function folderOf(pid: string): string | null {
  try {
    return fs.readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    // It has ended, or is another user's.
    return null;
  }
}
