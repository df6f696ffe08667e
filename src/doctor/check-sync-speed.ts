import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ok, problem, warning, type Finding } from './finding.ts';

const CHECK = 'disk speed';
const TRIES = 25;
const BOUND_MS = 3_000;
/** A request waits for two: its hold's and its settlement's. */
const SLOW_MS = 10;
const VERY_SLOW_MS = 100;

/** Real writes with fsync, beside the database. */
export function checkSyncSpeed(database: string): Finding[] {
  const file = path.join(path.dirname(database), `.ainogap-doctor-${randomBytes(6).toString('hex')}`);
  const tookMs: number[] = [];
  const fd = fs.openSync(file, 'wx', 0o600);
  try {
    const page = Buffer.alloc(4096, 1);
    const began = performance.now();
    while (tookMs.length < TRIES && performance.now() - began < BOUND_MS) {
      const at = performance.now();
      fs.writeSync(fd, page, 0, page.length, tookMs.length * page.length);
      fs.fsyncSync(fd);
      tookMs.push(performance.now() - at);
    }
  } finally {
    fs.closeSync(fd);
    fs.rmSync(file, { force: true });
  }
  return [judge(tookMs.toSorted((a, b) => a - b))];
}

function judge(sorted: readonly number[]): Finding {
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const slowest = sorted.at(-1) ?? 0;
  const what = `an fsync of 4 kB takes ${median.toFixed(2)} ms (the slowest of ${sorted.length}: ${slowest.toFixed(1)} ms)`;
  if (median >= VERY_SLOW_MS) return problem(CHECK, `${what}; each request waits for two. Put the database on a local SSD`, 'edit database: in the configuration');
  if (median >= SLOW_MS) return warning(CHECK, `${what}; each request waits for two. A local SSD takes 1 ms or less`, 'edit database: in the configuration');
  return ok(CHECK, what);
}
