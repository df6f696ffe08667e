/**
 * What is read of the database when somebody scrapes: of all processes on it, not of this one. Holds that are open, one
 * row a buyer, and alerts that fire; nothing that grows with the number of requests. It is read on the main thread, for
 * it takes less than a millisecond with 5,000 holds open.
 */
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { openDatabase } from '../db/open.ts';
import { single, type Family } from './exposition.ts';

const HOLDS = 'SELECT count(*) AS open, coalesce(sum(hold), 0) AS held, min(started_at) AS oldestAt FROM open_requests';
const BALANCES = 'SELECT coalesce(sum(credits_posted - debits_posted), 0) FROM accounts WHERE id > 0';
const FIRING = 'SELECT rule, count(*) AS firing FROM alerts WHERE cleared_at IS NULL GROUP BY rule';
const OWED = 'SELECT count(*) FROM webhook_outbox WHERE delivered_at IS NULL AND given_up_at IS NULL';

const READABLE = single('gauge', 'ainogap_database_readable', 'Whether the database could be read just now: 1, or 0, and then its figures are missing.');
const OPEN = single('gauge', 'ainogap_holds_open', 'Requests whose hold is open, of all processes on the database.');
const HELD = single('gauge', 'ainogap_held_micro_usdc', 'What those holds reserve.');
const OLDEST = single('gauge', 'ainogap_oldest_hold_age_seconds', 'How long ago the oldest of them started; 0 when there is none.');
const BALANCE = single('gauge', 'ainogap_buyer_balances_micro_usdc', 'The balances of all buyers, what is held included: what was paid and is not used.');
const CALLS = single('gauge', 'ainogap_webhook_calls_owed', 'Calls to webhooks that are not delivered yet.');
const SIZE = single('gauge', 'ainogap_database_size_bytes', 'The database file.');
const WAL = single('gauge', 'ainogap_wal_size_bytes', 'Its write-ahead log.');
const FREE = single('gauge', 'ainogap_disk_free_bytes', 'What is free for this user on the file system of the database.');

export interface DatabaseReader {
  /** `rules`: those in force, so that one that does not fire is told as 0. */
  families(rules: readonly string[]): Promise<Family[]>;
  close(): void;
}

/** Opens a read connection of its own on an existing database of this program's schema. */
export function openDatabaseReader(file: string): DatabaseReader {
  // The main thread never waits for it: what cannot be read at once is left out.
  const db = openDatabase(file, { mode: 'read', busyTimeoutMs: 0 });
  const [holds, balances, firing, owed] = [db.prepare(HOLDS).safeIntegers(), db.prepare(BALANCES).pluck().safeIntegers(), db.prepare(FIRING), db.prepare(OWED).pluck()];
  const read = db.transaction((rules: readonly string[]): Family[] => {
    const { open, held, oldestAt } = holds.get() as { open: bigint; held: bigint; oldestAt: bigint | null };
    return [
      OPEN(open),
      HELD(held),
      OLDEST(oldestAt === null ? 0 : Math.max(0, Date.now() - Number(oldestAt)) / 1000),
      BALANCE(balances.get() as bigint),
      alerts(rules, firing.all() as { rule: string; firing: number }[]),
      CALLS(owed.get() as number),
    ];
  });

  function readNow(rules: readonly string[]): Family[] {
    try {
      return [READABLE(1), ...read.deferred(rules)];
    } catch {
      return [READABLE(0)];
    }
  }
  return {
    families: async (rules) => [...readNow(rules), ...(await fileFamilies(db.name))],
    close: () => void db.close(),
  };
}

function alerts(rules: readonly string[], firing: readonly { rule: string; firing: number }[]): Family {
  const counts = new Map([...rules.map((rule): [string, number] => [rule, 0]), ...firing.map((row): [string, number] => [row.rule, row.firing])]);
  return {
    name: 'ainogap_alerts_firing',
    type: 'gauge',
    help: 'Alerts that fire, by the rule of the configuration.',
    samples: [...counts].map(([rule, value]) => ({ labels: { rule }, value })),
  };
}

async function fileFamilies(file: string): Promise<Family[]> {
  const sizeOf = (name: string): Promise<number> => fs.stat(name).then(({ size }) => size, () => 0);
  const disk = await fs.statfs(path.dirname(file)).catch(() => null);
  return [SIZE(await sizeOf(file)), WAL(await sizeOf(`${file}-wal`)), ...(disk === null ? [] : [FREE(disk.bavail * disk.bsize)])];
}
