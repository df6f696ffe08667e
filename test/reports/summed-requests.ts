/** Requests whose sums are compared with their rows, and what `ainogap verify` finds wrong with them. */
import { openMemoryDatabase, type Db } from '../../src/db/open.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { reportChecks } from '../../src/reports/report-checks.ts';
import { UsageWorld, type Ended } from './usage-world.ts';

export const START = Date.UTC(2026, 9, 23, 21, 17, 5);
const tokens = { input: 1000, output: 10, cacheWrite5m: 300, cacheWrite1h: 0, cacheRead: 77 };
export const ended = (afterMs: number, rest: Partial<Ended> = {}): Ended => ({ afterMs, key: 0, route: 1, model: 0, fate: 'completed', tokens, searches: 0, ...rest });
/** Ten, over some days. */
export const some = (): Ended[] =>
  [0, 5, 61, 3600, 90_000, 40, 200_000, 59, 61, 1].map((seconds, i) => ended(seconds * 1000, { key: i % 3, model: i % 2, fate: i === 4 ? 'refused' : i === 5 ? 'capped' : 'completed' }));

export const failures = (db: Db): string[] => verifyDatabase(db, reportChecks()).checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);

export function memoryWorld(requests: readonly Ended[]): { db: Db; world: UsageWorld } {
  const db = openMemoryDatabase();
  const world = new UsageWorld(db, START);
  for (const one of requests) world.settle(one);
  return { db, world };
}
