import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import fc from 'fast-check';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { migrate } from '../../src/db/migrate.ts';
import { initial } from '../../src/db/migrations/001-initial.ts';
import { openDatabase, openMemoryDatabase, type Db } from '../../src/db/open.ts';
import type { BuyerId, InstanceId } from '../../src/ids.ts';
import { createEngine } from '../../src/ledger/engine.ts';
import { verifyDatabase } from '../../src/ledger/verify.ts';
import { micro } from '../../src/money.ts';
import { rebuildUsage } from '../../src/reports/rebuild-usage.ts';
import { reportChecks } from '../../src/reports/report-checks.ts';
import { readUsage } from '../../src/reports/usage.ts';
import { NO_USAGE, addUsage } from '../../src/reports/usage-sums.ts';
import { openGateway } from '../../src/gateway.ts';
import { sumUsage } from '../../src/sum-usage.ts';
import { createLog } from '../../src/log.ts';
import { testConfig } from '../support/test-config.ts';
import { anEnded, UsageWorld, type Ended } from './usage-world.ts';

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 9, 23, 21, 17, 5);
const TABLES = ['usage_minutes_merged', 'usage_hours', 'usage_days', 'usage_sums'];
const tokens = { input: 1000, output: 10, cacheWrite5m: 300, cacheWrite1h: 0, cacheRead: 77 };
const ended = (afterMs: number, rest: Partial<Ended> = {}): Ended => ({ afterMs, key: 0, route: 1, model: 0, fate: 'completed', tokens, searches: 0, ...rest });
const some = (): Ended[] =>
  [0, 5, 61, 3600, 90_000, 40, 200_000, 59, 61, 1].map((seconds, i) => ended(seconds * 1000, { key: i % 3, model: i % 2, fate: i === 4 ? 'refused' : i === 5 ? 'capped' : 'completed' }));

const failures = (db: Db) => verifyDatabase(db, reportChecks()).checks.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail}`);
/** The view unites what is merged and what is only appended so far. */
const contents = (db: Db): unknown =>
  ['SELECT minute, key_id, route_id, model, sum(requests), sum(input_charge), sum(cache_saved), sum(list_cost), min(first_request) FROM usage_minutes GROUP BY 1, 2, 3, 4', ...TABLES.slice(1).map((table) => `SELECT * FROM ${table}`)].map((sql) =>
    db.prepare(sql).raw().safeIntegers().all(),
  );

function memoryWorld(requests: readonly Ended[]): { db: Db; world: UsageWorld } {
  const db = openMemoryDatabase();
  const world = new UsageWorld(db, START);
  for (const one of requests) world.settle(one);
  return { db, world };
}

describe('sums that were damaged', () => {
  const DAMAGES = TABLES.flatMap((table) => [
    `UPDATE ${table} SET cache_read_tokens = cache_read_tokens + 1 WHERE rowid_of`,
    `UPDATE ${table} SET list_cost = list_cost - 1 WHERE rowid_of`,
    `UPDATE ${table} SET first_request = first_request + 4 WHERE rowid_of`,
    `DELETE FROM ${table} WHERE rowid_of`,
  ]);
  const KEYS: Record<string, string> = { usage_minutes_merged: 'minute, key_id, route_id, model', usage_hours: 'hour, key_id, route_id, model', usage_days: 'buyer_id, day, key_id, route_id, model', usage_sums: 'span, dimension, member, start' };
  /** The statement for the n-th row, or n-th from the end where n is negative. */
  const damage = (db: Db, sql: string, n: number): boolean => {
    const table = TABLES.find((name) => sql.includes(`${name} `))!;
    const keys = KEYS[table]!;
    const row = db.prepare(`SELECT ${keys} FROM ${table} LIMIT 1 OFFSET ?`).raw().safeIntegers().get(n % Number(db.prepare(`SELECT max(1, count(*)) FROM ${table}`).pluck().get())) as unknown[] | undefined;
    if (row === undefined) return false;
    return db.prepare(sql.replace('rowid_of', `(${keys}) = (${keys.replace(/\w+/g, '?')})`)).run(...row).changes > 0;
  };

  test.each(DAMAGES)('are found, and mended: %s', (sql) => {
    const { db } = memoryWorld(some());
    expect(failures(db)).toEqual([]);
    const before = contents(db);
    expect(damage(db, sql, 3)).toBe(true);
    expect(failures(db).join()).toMatch(/usage sums: usage_\w+.* `ainogap verify --rebuild` sums anew|usage sums: usage_minutes is not what/);
    const { differed, requests } = rebuildUsage(db);
    expect(requests).toBe(10);
    expect(differed.minutes + differed.hours + differed.days + differed.sums).toBeGreaterThan(0);
    expect(failures(db)).toEqual([]);
    expect(contents(db)).toEqual(before);
    expect(rebuildUsage(db).differed).toEqual({ minutes: 0, hours: 0, days: 0, sums: 0 });
  });

  test('are mended wherever the damage is, and whatever comes after adds to them rightly', () => {
    const damages = fc.array(fc.tuple(fc.constantFrom(...DAMAGES), fc.nat(200)), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(anEnded, { minLength: 1, maxLength: 30 }), damages, fc.array(anEnded, { maxLength: 5 }), (first, wrong, then) => {
        const { db, world } = memoryWorld(first);
        for (const [sql, n] of wrong) damage(db, sql, n);
        rebuildUsage(db);
        expect(failures(db)).toEqual([]);
        for (const one of then) world.settle(one);
        expect(failures(db)).toEqual([]);
        const [all] = readUsage(db, { since: 0, until: Math.ceil(world.now / MINUTE_MS + 1) * MINUTE_MS, by: 'none', timezone: 'UTC' });
        expect(all?.sums).toEqual(world.added.map(({ sums }) => sums).reduce(addUsage, NO_USAGE));
        db.close();
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['merged', 'UPDATE usage_minutes_merged SET input_tokens = input_tokens + 1 WHERE minute = (SELECT max(minute) FROM usage_minutes)'],
    ['merged, and gone', 'DELETE FROM usage_minutes_merged WHERE minute = (SELECT max(minute) FROM usage_minutes)'],
    ['appended', 'DELETE FROM usage_pending'],
  ])('are found, and mended, in the minute that still runs: what is %s', (_, sql) => {
    const { db, world } = memoryWorld([...some(), ended(0), ended(10), ended(10, { model: 1 })]);
    const before = contents(db);
    expect(db.prepare('SELECT count(*) FROM usage_pending').pluck().get()).toBeGreaterThan(0);
    db.exec(sql);
    expect(failures(db).join()).toMatch(/usage sums: usage_minutes is not what the request rows give in minute \d+, key_id 1, route_id 2, model claude/);
    rebuildUsage(db);
    expect(contents(db)).toEqual(before);
    expect(failures(db)).toEqual([]);
    for (const one of [ended(10), ended(400), ended(70_000), ended(90_000_000)]) world.settle(one);
    expect(failures(db)).toEqual([]);
  });

  test('a row that belongs to no request is found and goes', () => {
    const { db } = memoryWorld(some());
    for (const table of TABLES) {
      const before = contents(db);
      const columns = (db.pragma(`table_info(${table})`) as { name: string }[]).map(({ name }) => name);
      const shifted = columns.map((name) => (['minute', 'hour', 'day', 'start'].includes(name) ? `${name} - 3` : name)).join(', ');
      db.exec(`INSERT OR IGNORE INTO ${table} SELECT ${shifted} FROM ${table} LIMIT 1`);
      expect(failures(db).join()).toContain('usage sums');
      rebuildUsage(db);
      expect(contents(db)).toEqual(before);
    }
  });

  test('a request that no card prices is named, and the sums stay as they are', () => {
    const { db } = memoryWorld(some());
    const before = contents(db);
    db.exec('DROP TRIGGER requests_immutable; UPDATE requests SET charge = charge + 1 WHERE id = (SELECT min(id) FROM requests)');
    expect(() => rebuildUsage(db)).toThrow(/^req_\w{13} is charged \d+ micro-USDC, which is more than its counts cost$/);
    expect(contents(db)).toEqual(before);
    expect(db.prepare('SELECT complete FROM usage_state').pluck().get()).toBe(1);
  });
});

test('each buyer’s day agrees with the ledger, also where the request rows are gone', () => {
  const { db } = memoryWorld(some());
  const second = Math.floor(START / 86_400_000) + 1;
  db.exec(`UPDATE usage_state SET pruned_before = ${second}; DELETE FROM requests WHERE settled_at < ${second * 86_400_000}`);
  const usageFailures = () => failures(db).filter((failure) => failure.startsWith('usage'));
  expect(usageFailures()).toEqual([]);
  expect(rebuildUsage(db).differed).toEqual({ minutes: 0, hours: 0, days: 0, sums: 0 });
  const first = (second - 1) * 1440;
  for (const [table, time, span] of [['usage_minutes_merged', 'minute', 1], ['usage_hours', 'hour', 60], ['usage_days', 'day', 1440]] as const)
    db.exec(`UPDATE ${table} SET input_charge = input_charge + 9 WHERE ${time} = (SELECT min(${time}) FROM ${table}) AND ${time} >= ${first / span}`);
  db.exec(`UPDATE usage_sums SET input_charge = input_charge + 9 WHERE span = 1440 AND start = ${second - 1} AND dimension = 1`);
  expect(usageFailures().join()).toMatch(/usage and ledger: buyer_1 on 2026-10-23 \(UTC\): summed charges less shortfall \d+, the ledger took \d+ \(micro-USDC\)/);
});

describe('beside other processes', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ainogap-test-'));
    file = path.join(folder, 'ainogap.db');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('requests that end while it reads are neither lost nor counted twice', () => {
    const writer = openDatabase(file, { mode: 'create' });
    const world = new UsageWorld(writer, START);
    for (const one of some()) world.settle(one);
    const db = openDatabase(file, { mode: 'write' });
    db.exec('UPDATE usage_hours SET requests = 99; DELETE FROM usage_days');
    rebuildUsage(db, () => some().forEach((one) => world.settle(one)));
    expect(failures(db)).toEqual([]);
    for (const one of some()) world.settle(one);
    expect(failures(db)).toEqual([]);
    db.close();
    writer.close();
  });

  /** The same requests in a database as version 1 of the schema made it. */
  function asBefore(source: Db): void {
    source.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const old = new Database(path.join(folder, 'old.db'));
    migrate(old, [initial]);
    old.pragma('foreign_keys = OFF');
    old.prepare('ATTACH ? AS newer').run(file);
    const tables = old.prepare("SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all() as string[];
    for (const table of tables) {
      const columns = (old.pragma(`main.table_info(${table})`) as { name: string }[]).map(({ name }) => name).join(', ');
      old.exec(`DELETE FROM main.${table}`);
      old.exec(`INSERT OR REPLACE INTO main.${table}(${columns}) SELECT ${columns} FROM newer.${table}`);
    }
    old.close();
  }

  function upgraded(): { file: string; world: UsageWorld } {
    const source = openDatabase(file, { mode: 'create' });
    const world = new UsageWorld(source, START);
    for (const one of some()) world.settle(one);
    asBefore(source);
    source.close();
    return { file: path.join(folder, 'old.db'), world };
  }

  const until = (at: number) => Math.ceil(at / MINUTE_MS + 1) * MINUTE_MS;
  const whole = (db: Db, world: UsageWorld) => readUsage(db, { since: 0, until: until(world.now), by: 'none', timezone: 'UTC' })[0]?.sums;
  /** List costs were not recorded then: the charge stands for them. */
  const expected = (world: UsageWorld) => world.added.map(({ sums }) => ({ ...sums, listCost: sums.charge })).reduce(addUsage, NO_USAGE);

  test('an upgraded database is summed when a server starts, and says so', () => {
    const { file: old, world } = upgraded();
    const reader = openDatabase(old, { mode: 'write' });
    expect(() => whole(reader, world)).toThrow(/not summed yet/);
    expect(failures(reader).join()).toMatch(/^usage sums: usage is not summed yet .* `ainogap verify --rebuild`/);
    const lines: string[] = [];
    const log = createLog({ format: 'json', write: (line) => void lines.push(line) });
    sumUsage(old, log);
    expect(lines.join('')).toMatch(/usage_summing[^]*usage_summed.*"requests":10/);
    expect(whole(reader, world)).toEqual(expected(world));
    expect(failures(reader)).toEqual([]);
    lines.length = 0;
    sumUsage(old, log);
    expect(lines).toEqual([]);
    reader.close();
  });

  test('a gateway sums before it listens', async () => {
    const { file: old, world } = upgraded();
    fs.writeFileSync(path.join(folder, 'credential'), 'sk-test', { mode: 0o600 });
    const gateway = await openGateway(testConfig({ database: old, origin: 'http://127.0.0.1:9' }), { log: createLog({ write: () => undefined }) });
    const reader = openDatabase(old, { mode: 'read' });
    expect(whole(reader, world)).toEqual(expected(world));
    reader.close();
    await gateway.drain();
  });

  test('a server that cannot sum starts all the same, and the operator hears why', () => {
    const { file: old } = upgraded();
    const db = openDatabase(old, { mode: 'write' });
    db.exec("DROP TRIGGER requests_immutable; UPDATE requests SET model = 'other' WHERE status = 'completed'");
    db.close();
    const lines: string[] = [];
    sumUsage(old, createLog({ format: 'json', write: (line) => void lines.push(line) }));
    expect(lines.join('')).toMatch(/alert_usage_not_summed.*asked for a model that pc_\d does not price.*ainogap verify/);
  });

  test('while another server writes, the minute of the upgrade is summed at once, and the ledger goes on in the next', () => {
    const { file: old } = upgraded();
    const db = openDatabase(old, { mode: 'write' });
    const other = openDatabase(old, { mode: 'write' });
    const clock = () => Number(other.prepare('SELECT at FROM ledger_clock').pluck().get());
    const upgrade = clock();
    const engine = createEngine(other, { instance: 2 as InstanceId, now: () => upgrade });
    const deposit = { buyerId: 1 as BuyerId, amount: micro(5n), kind: 'deposit', reference: null, reason: null } as const;
    const { differed } = rebuildUsage(db, () => void engine.apply([{ op: 'deposit', deposit }]));
    expect(differed.minutes).toBeGreaterThan(5);
    expect(failures(db)).toEqual([]);
    expect(clock()).toBe(Math.ceil(upgrade / MINUTE_MS) * MINUTE_MS);
    db.close();
    other.close();
  });
});
