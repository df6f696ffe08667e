/** A gateway folder whose database has requests of several buyers over months, and what its reports say. */
import { openDatabase, type Db } from '../../src/db/open.ts';
import { formatRequestId, type BuyerId, type RequestId } from '../../src/ids.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { readReceipt, receiptJson } from '../../src/reports/receipt.ts';
import { reportChecks } from '../../src/reports/report-checks.ts';
import { readStatement } from '../../src/reports/statement.ts';
import { statementMonths } from '../../src/reports/statement-month.ts';
import { readUsage } from '../../src/reports/usage.ts';
import { openCliFolder, type CliFolder, type CliResult } from '../cli/cli-run.ts';
import { UsageWorld, type Ended } from '../reports/usage-world.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** 2026-08-30 22:10 UTC: of another month, and another half of an hour, elsewhere. */
export const START = Date.UTC(2026, 7, 30, 22, 10);
export const BUYERS = [1, 2, 3] as const;
/** Whole hours, halves and three quarters of one from UTC. */
const ZONES = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu'];

export interface PrunedWorld extends CliFolder {
  readonly db: Db;
  readonly world: UsageWorld;
  /** A week after the last request. */
  now(): number;
  cli(...argv: string[]): Promise<CliResult>;
}

export function openPrunedWorld(requests: readonly Ended[] = someRequests()): PrunedWorld {
  const folder = openCliFolder();
  const db = openDatabase(folder.database, { mode: 'write' });
  // What these tests kill is the process, never the machine.
  db.pragma('synchronous = OFF');
  const world = new UsageWorld(db, START);
  for (const request of requests) world.settle(request);
  const now = (): number => Math.ceil(world.now / MINUTE_MS) * MINUTE_MS + 7 * DAY_MS;
  const remove = (): void => {
    db.close();
    folder.remove();
  };
  return { ...folder, db, world, now, cli: (...argv) => folder.run(argv, { now: now() }), remove };
}

const FATES: readonly Ended['fate'][] = ['completed', 'shortfall', 'refused', 'failed', 'estimated', 'completed', 'capped'];

/** Of all buyers, fates and models, five a day and more, from August to October. */
export function someRequests(count = 350): Ended[] {
  return Array.from({ length: count }, (_, i) => ({
    afterMs: (i % 7) * 0.6 * HOUR_MS + (i % 13) * 61_000 + (i % 50 === 0 ? DAY_MS : HOUR_MS),
    key: i % 6,
    route: i % 2,
    model: (i >> 1) % 2,
    fate: FATES[i % FATES.length] as Ended['fate'],
    tokens: { input: 100 + i, output: (i * 31) % 900, cacheWrite5m: i % 3 === 0 ? 700 : 0, cacheWrite1h: i % 5 === 0 ? 900 : 0, cacheRead: (i * 17) % 5000 },
    searches: i % 11 === 0 ? 2 : 0,
  }));
}

/** Balances, every statement of every buyer in each zone, and usage by every dimension: what pruning must leave as it is. */
export function figures(db: Db, now: number, zones: readonly string[] = ZONES): unknown {
  const statements = zones.flatMap((timezone) =>
    statementMonths({ since: START - 2 * DAY_MS, now, timezone, most: 12 }).flatMap((month) => BUYERS.map((buyer) => readStatement(db, { ...month, buyerId: buyer as BuyerId }))),
  );
  const usage = (['buyer', 'key', 'route', 'model', 'day', 'hour'] as const).map((by) => readUsage(db, { since: START - DAY_MS, until: now, by, timezone: 'Asia/Kathmandu' }));
  return { statements, usage, accounts: db.prepare('SELECT * FROM accounts ORDER BY id').safeIntegers().all() };
}

/** Names of the checks that fail. */
export const failedChecks = (db: Db): string[] => verifyDatabase(db, reportChecks()).checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);

export const idsOf = (db: Db): RequestId[] => db.prepare('SELECT id FROM requests ORDER BY id').pluck().safeIntegers().all() as RequestId[];

/** The document of `ainogap receipt --json`, or null where no price applied. */
export function receiptDocument(db: Db, id: RequestId): unknown {
  const outcome = readReceipt(db, id);
  if (outcome.kind === 'notFound') throw new Error(`no ${formatRequestId(id)}`);
  return outcome.kind === 'receipt' ? receiptJson(outcome.document) : null;
}
